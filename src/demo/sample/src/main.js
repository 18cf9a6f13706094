#!/usr/bin/env node
// Starts the program: arguments and the file come from the system.
import { runCommand } from './cli.js';

const file = process.env.LEDGER_FILE || 'ledger.txt';
process.exitCode = await runCommand(process.argv.slice(2), { file, write: (line) => console.log(line) });
