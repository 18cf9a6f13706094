// Owns the program that the kill test kills: it opens a repository and lands branches one after the other, saying when.
import { LandingLane } from '../../../src/git/landing.ts';
import { openRepository } from '../../../src/git/repository.ts';

const [root = '', gitDir = '', dataHome = '', first = '', last = ''] = process.argv.slice(2);
const who = { name: 'Drover', email: 'drover@localhost' };
const lane = new LandingLane(await openRepository({ root, gitDir, dataHome }), 'main');
for (let at = Number(first); at < Number(last); at += 1) {
  process.stdout.write(`landing ${at}\n`);
  const words = { message: `Land ${at}`, author: who, committer: who, test: null };
  const result = await lane.land({ ...words, branch: `drover/task-${at}` });
  if (result.kind !== 'landed' || result.onto !== 'main') throw new Error(JSON.stringify(result));
}
