// Owns recovery: the state from the snapshot and the journals, the cut of a torn tail, and the refusal of real damage.
import { join } from 'node:path';
import { shellQuote } from '../domain/quote.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { errorCode, type FileLayer, writeFully } from './file-layer.ts';
import {
  checksum,
  envelopesOf,
  type JournalFile,
  type JournalLine,
  journalName,
  journalsAmong,
  journalsNeeded,
  lastSeq,
  type StoredEnvelope,
} from './journal-line.ts';
import { scanJournal } from './journal-scan.ts';
import { BACKUP, SNAPSHOT, type SnapshotFile, type SnapshotReading, TEMPORARY } from './snapshot.ts';

/** What was found when the store was opened; for the log and for `doctor`. */
export interface RecoveryReport {
  /** The snapshot that the state was built on; null when there was none. */
  from: string | null;
  /** Events replayed from the journals. */
  replayed: number;
  /** The schema version of the snapshot, when it was older than the program's. */
  migratedFrom: number | null;
  /** A torn tail that was cut: nothing in it is known to have been acknowledged. `copy` is null when there was no room for one. */
  cut: { file: string; byte: number; bytes: number; copy: string | null } | null;
  /** Damaged snapshots that were replaced by the other one and the journals. */
  setAside: { file: string; byte: number; why: string; copy: string | null }[];
}

/** How a state is made and changed, whatever it is. */
export interface Schema<S, E, R> {
  readonly version: number;
  readonly migrations: Record<number, (record: unknown) => unknown>;
  readonly initial: () => S;
  readonly apply: (state: S, envelope: StoredEnvelope<E>) => void;
  readonly fromRecord: (record: R) => S;
}

/** A journal that can be gone on with, the byte where its last record ends, and its length with the blank lines after that. */
export interface Tip extends JournalFile {
  readonly end: number;
  readonly length: number;
}

interface Replayed {
  readonly seq: number;
  readonly tip: Tip | null;
}

export interface Recovered<S> {
  readonly state: S;
  readonly seq: number;
  /** What the two snapshots cover; null when there is none that can be read. */
  readonly snapshotSeq: number | null;
  readonly backupSeq: number | null;
  /** The journal to go on with; null when a new one must be begun. */
  readonly tip: Tip | null;
  readonly report: RecoveryReport;
}

/** Takes each replayed line with its newline, and its first event. */
type OnLine = (first: number, line: Uint8Array) => void;

type Damaged = Extract<SnapshotReading, { kind: 'damaged' }>;

/** One opening of a folder. Nothing on the disk is changed before everything has been read and found good. */
export class Recovery<S, E, R> {
  readonly #files: FileLayer;
  readonly #folder: string;
  readonly #schema: Schema<S, E, R>;
  readonly #onLine: OnLine;
  readonly #report: RecoveryReport = { from: null, replayed: 0, migratedFrom: null, cut: null, setAside: [] };
  readonly #damagedSnapshots: (Damaged & { readonly file: string })[] = [];

  constructor(files: FileLayer, folder: string, schema: Schema<S, E, R>, onLine: OnLine) {
    this.#files = files;
    this.#folder = folder;
    this.#schema = schema;
    this.#onLine = onLine;
  }

  /** Refuses `store-damaged` and `store-newer`, leaving every file as it was. */
  async run(snapshots: SnapshotFile): Promise<Recovered<S>> {
    const current = await this.#readSnapshot(snapshots, SNAPSHOT);
    // The backup is a fallback: as long as it isn't needed, all that matters is which journals it needs.
    const backup = current === null ? await this.#readSnapshot(snapshots, BACKUP) : null;
    const backupSeq = backup === null ? await snapshots.peek(BACKUP) : backup.seq;
    const base = current ?? backup;
    const names = await this.#files.list(this.#folder);
    const journals = journalsAmong(names);
    await this.#refuseMissingJournal(base?.seq ?? null, journals);
    const state = base === null ? this.#schema.initial() : base.state;
    const replay = await this.#replay(state, base?.seq ?? 0, journals);
    await this.#setAside();
    // A half-written snapshot is of no use to anybody, and its room may be needed.
    if (names.includes(TEMPORARY)) await this.#files.unlink(join(this.#folder, TEMPORARY));
    return { state, ...replay, snapshotSeq: current?.seq ?? null, backupSeq, report: this.#report };
  }

  async #readSnapshot(snapshots: SnapshotFile, file: string): Promise<{ seq: number; state: S } | null> {
    const reading = await snapshots.examine(file);
    if (reading.kind === 'missing') return null;
    if (reading.kind === 'damaged') {
      this.#damagedSnapshots.push({ ...reading, file });
      return null;
    }
    const { version, seq, record } = reading.snapshot;
    this.#refuseNewer(version, file);
    this.#report.from = file;
    snapshots.bytes = reading.bytes;
    return { seq, state: this.#stateOf(version, record, file) };
  }

  #stateOf(version: number, record: unknown, file: string): S {
    let migrated = record;
    for (let at = version; at < this.#schema.version; at += 1) {
      const migrate = this.#schema.migrations[at];
      if (migrate === undefined)
        throw new Error(`${file} has schema version ${at} and nothing migrates it to ${at + 1}`);
      migrated = migrate(migrated);
      this.#report.migratedFrom ??= version;
    }
    try {
      return this.#schema.fromRecord(migrated as R);
    } catch (error) {
      throw new Error(`${join(this.#folder, file)} is whole, but its state can't be built`, { cause: error });
    }
  }

  #refuseNewer(version: number, file: string): void {
    if (version <= this.#schema.version) return;
    refuse(
      'store-newer',
      `${join(this.#folder, file)} was written by a newer Drover (schema ${version}, this one knows ${this.#schema.version})`,
      'drover --version',
    );
  }

  async #replay(state: S, from: number, journals: readonly JournalFile[]): Promise<Replayed> {
    let seq = from;
    let tip: Tip | null = null;
    const needed = journalsNeeded(journals, from);
    for (const [index, journal] of needed.entries()) {
      if (journal.start > seq) await this.#refuseGap(needed[index - 1], seq, journal);
      const raw = (await this.#files.read(join(this.#folder, journal.name))) ?? Buffer.alloc(0);
      const { end, last, unprovenFrom } = scanJournal<E>(raw, seq, (line, at, next) => {
        this.#refuseNewer(line.v, journal.name);
        this.#apply(state, line, journal.name, at);
        this.#onLine(line.s, raw.subarray(at, next));
        seq = lastSeq(line);
      });
      const next = needed[index + 1];
      if (end.kind === 'damaged') await this.#refuseDamage(journal.name, end.byte, end.why, raw, next === undefined);
      if (next !== undefined) {
        const why = `event ${seq + 1} was acknowledged before ${next.name} was begun`;
        if (end.kind === 'torn' && next.start > seq) await this.#refuseDamage(journal.name, end.byte, why, raw);
        continue;
      }
      if (end.kind === 'torn') await this.#cut(journal.name, end.byte, raw);
      await this.#writeAgain(journal.name, raw.subarray(unprovenFrom, end.byte), unprovenFrom);
      // A journal that ends before the snapshot does would get a gap; a new one is begun then.
      if (Math.max(journal.start, last) === seq) {
        tip = { ...journal, end: end.byte, length: end.kind === 'torn' ? end.byte : raw.length };
      }
    }
    return { seq, tip };
  }

  /**
   * Makes durable what was replayed. After a failed fsync the system may show in memory what the medium doesn't hold
   * and count it as written, so a sync alone proves nothing: the same bytes are written again, in place.
   */
  async #writeAgain(name: string, bytes: Uint8Array, position: number): Promise<void> {
    const file = await this.#files.open(join(this.#folder, name), false);
    try {
      await writeFully(file, bytes, position);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#files.syncFolder(this.#folder);
  }

  #apply(state: S, line: JournalLine<E>, file: string, at: number): void {
    const envelopes = envelopesOf(line);
    try {
      for (const envelope of envelopes) this.#schema.apply(state, envelope);
    } catch (error) {
      throw new Error(`${join(this.#folder, file)} byte ${at}: event ${line.s} can't be applied`, { cause: error });
    }
    this.#report.replayed += envelopes.length;
  }

  /** Cuts what nobody was told is kept. The copy may fail for want of room; the cut needs none. */
  async #cut(name: string, byte: number, raw: Buffer): Promise<void> {
    const tail = raw.subarray(byte, 1 + raw.findLastIndex((value) => value !== 10));
    const copy = await this.#keepCopy(`${name}.torn`, tail);
    const file = await this.#files.open(join(this.#folder, name), false);
    try {
      await file.truncate(byte);
      await file.datasync();
    } finally {
      await file.close();
    }
    this.#report.cut = { file: name, byte, bytes: tail.length, copy };
  }

  /** The last journal can be cut where it is damaged, once a copy of it is kept. */
  async #refuseDamage(name: string, byte: number, why: string, raw: Buffer, isLast = false): Promise<never> {
    const copy = await this.#keepCopy(`${name}.damaged`, raw);
    const kept = copy === null ? '' : `; a copy is kept as ${copy}`;
    const path = join(this.#folder, name);
    const canCut = isLast && copy !== null;
    return refuse(
      'store-damaged',
      `${path} is damaged at byte ${byte}: ${why}${this.#snapshotDamage()}${kept}${canCut ? '; to go on without what stands behind that byte, cut it there' : ''}`,
      canCut ? `truncate -s ${byte} ${shellQuote(path)}` : 'drover doctor',
    );
  }

  async #refuseGap(previous: JournalFile | undefined, seq: number, next: JournalFile): Promise<never> {
    if (previous !== undefined) {
      const raw = (await this.#files.read(join(this.#folder, previous.name))) ?? Buffer.alloc(0);
      return this.#refuseDamage(previous.name, raw.length, `it ends at event ${seq} and ${next.name} follows`, raw);
    }
    for (const { file, raw } of this.#damagedSnapshots) await this.#keepCopy(`${file}.damaged`, raw);
    return refuse(
      'store-damaged',
      `${join(this.#folder, next.name)} begins after event ${next.start} and there is no record of the events from ${seq + 1} to there${this.#snapshotDamage()}`,
      'drover doctor',
    );
  }

  /** A journal is begun before any snapshot is written, so a snapshot alone means that something was removed. */
  async #refuseMissingJournal(seq: number | null, journals: readonly JournalFile[]): Promise<void> {
    const isFresh = seq === null && this.#damagedSnapshots.length === 0;
    if (isFresh || journals.length > 0) return;
    for (const { file, raw } of this.#damagedSnapshots) await this.#keepCopy(`${file}.damaged`, raw);
    const accept = seq === null ? 'drover doctor' : `touch ${join(this.#folder, journalName(seq))}`;
    refuse('store-damaged', `${this.#folder} has a snapshot but no journal${this.#snapshotDamage()}`, accept);
  }

  #snapshotDamage(): string {
    return this.#damagedSnapshots.map(({ file, byte, why }) => `; ${file} is damaged at byte ${byte}: ${why}`).join('');
  }

  /** Damaged snapshots make room for the next one; renaming keeps them whole and costs no room. */
  async #setAside(): Promise<void> {
    for (const { file, raw, byte, why } of this.#damagedSnapshots) {
      const copy = `${file}.damaged-${checksum(raw)}`;
      await this.#files.rename(join(this.#folder, file), join(this.#folder, copy));
      this.#report.setAside.push({ file, byte, why, copy });
    }
    if (this.#damagedSnapshots.length > 0) await this.#files.syncFolder(this.#folder);
  }

  /** Named by its contents, so that trying again makes no second copy. */
  async #keepCopy(prefix: string, bytes: Buffer): Promise<string | null> {
    const name = `${prefix}-${checksum(bytes)}`;
    try {
      const file = await this.#files.open(join(this.#folder, name), true);
      try {
        await writeFully(file, bytes, 0);
        await file.datasync();
      } finally {
        await file.close();
      }
      return name;
    } catch (error) {
      if (error instanceof RefusalError || !['ENOSPC', 'EDQUOT', 'EROFS'].includes(errorCode(error))) throw error;
      await this.#files.unlink(join(this.#folder, name)).catch(() => undefined);
      return null;
    }
  }
}
