// Owns an agent's conversation as people read it: the entries of a transcript, whole but for notes.
import { open } from 'node:fs/promises';
import { parseLine, type TranscriptLine } from './transcript.ts';

export interface ConversationEntry {
  /** `note`: what neither of the two said, an interrupt, guidance or an error of the service. */
  readonly kind: 'user' | 'assistant' | 'tool' | 'result' | 'note';
  /** One or more lines; not sanitised. */
  readonly text: string;
}

/** Bytes from the end of a transcript; what lies before them was long ago. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Lines of a note, and characters of one of them: nobody has said them. */
const NOTE_LINES = 12;
const NOTE_WIDTH = 400;
/** Characters of a tool's main argument. */
const ARGUMENT = 200;
/** Characters of what a person, the agent or a tool said at once: twice what Claude Code itself takes from a tool (25,000 tokens). */
const MOST_TEXT = 256 * 1024;

/** What says the most about a call, by the names that Claude Code's tools use; the first that is there. */
const MAIN_ARGUMENTS = [
  'command',
  'file_path',
  'notebook_path',
  'pattern',
  'path',
  'url',
  'query',
  'description',
  'prompt',
  'skill',
  'verdict',
];

/** The conversation in a transcript, from its end at most 32 MB back. Lines that are no JSON are passed over; a file that cannot be read throws. */
export async function readConversation(path: string): Promise<ConversationEntry[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first is cut in the middle unless the file begins there.
    if (from > 0) lines.shift();
    return lines.flatMap((text) => {
      const line = text === '' ? null : parseLine(text);
      return line === null ? [] : entriesOf(line);
    });
  } finally {
    await file.close();
  }
}

/** What a line of a transcript adds to the conversation; nothing for bookkeeping, for what a subagent said, and for thoughts. */
export function entriesOf(line: TranscriptLine): ConversationEntry[] {
  if (line['isSidechain'] === true || line['isMeta'] === true) return [];
  switch (line['type']) {
    case 'user':
      return contentOf(line).flatMap(userEntries);
    case 'assistant':
      return contentOf(line).flatMap((block) => assistantEntries(block, line['isApiErrorMessage'] === true));
    case 'attachment':
      return attachmentEntries(recordOf(line['attachment']));
    case 'system':
      return line['subtype'] === 'compact_boundary' ? [{ kind: 'note', text: 'the conversation was compacted' }] : [];
    default:
      return [];
  }
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** The blocks of a line's message; a message that is one text is one block. */
function contentOf(line: TranscriptLine): Fields[] {
  const content = recordOf(line['message'])['content'];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.map(recordOf) : [];
}

function userEntries(block: Fields): ConversationEntry[] {
  if (block['type'] === 'tool_result') return [resultEntry(block)];
  const text = said(textOf(block, 'text'));
  if (text === '') return [];
  const isNote = text.startsWith('[Request interrupted') || text.startsWith('<');
  return [{ kind: isNote ? 'note' : 'user', text: isNote ? shorten(text) : text }];
}

function assistantEntries(block: Fields, isError: boolean): ConversationEntry[] {
  if (block['type'] === 'tool_use') {
    const name = textOf(block, 'name') || 'tool';
    return [{ kind: 'tool', text: `${name}(${mainArgument(recordOf(block['input']))})` }];
  }
  if (block['type'] !== 'text') return [];
  const text = said(textOf(block, 'text'));
  return text === '' ? [] : [{ kind: isError ? 'note' : 'assistant', text }];
}

function attachmentEntries(attachment: Fields): ConversationEntry[] {
  if (attachment['type'] === 'queued_command') {
    const { prompt } = attachment;
    const text = said(
      typeof prompt === 'string'
        ? prompt
        : Array.isArray(prompt)
          ? prompt.map((block) => textOf(recordOf(block), 'text')).join('\n')
          : '',
    );
    return text === '' ? [] : [{ kind: 'user', text }];
  }
  if (attachment['type'] !== 'hook_additional_context') return [];
  const { content } = attachment;
  const texts = Array.isArray(content) ? content : [content];
  const text = said(texts.filter((each) => typeof each === 'string').join('\n'));
  return text === '' ? [] : [{ kind: 'note', text }];
}

function said(text: string): string {
  const trimmed = text.replace(/^\n+|\s+$/g, '');
  return trimmed.length > MOST_TEXT ? `${trimmed.slice(0, MOST_TEXT)} …` : trimmed;
}

function resultEntry(block: Fields): ConversationEntry {
  const { content } = block;
  const text = Array.isArray(content)
    ? content.map((part) => partText(recordOf(part))).join('\n')
    : typeof content === 'string'
      ? content
      : '';
  const isError = block['is_error'] === true;
  return { kind: 'result', text: `${isError ? 'Error: ' : ''}${said(text) || '(nothing)'}` };
}

function partText(part: Fields): string {
  return part['type'] === 'text' ? textOf(part, 'text') : `[${textOf(part, 'type') || 'data'}]`;
}

function shorten(text: string): string {
  const lines = said(text).split('\n');
  const kept = lines
    .slice(0, NOTE_LINES)
    .map((line) => (line.length > NOTE_WIDTH ? `${line.slice(0, NOTE_WIDTH)}…` : line));
  const more = lines.length - kept.length;
  return more > 0 ? `${kept.join('\n')}\n… ${more} more ${more === 1 ? 'line' : 'lines'}` : kept.join('\n');
}

function mainArgument(input: Fields): string {
  const name =
    MAIN_ARGUMENTS.find((known) => typeof input[known] === 'string') ??
    Object.keys(input).find((key) => typeof input[key] === 'string');
  const text = (name === undefined ? '' : textOf(input, name)).replace(/\s+/g, ' ').trim();
  return text.length > ARGUMENT ? `${text.slice(0, ARGUMENT)}…` : text;
}
