#!/usr/bin/env -S node --max-old-space-size=512 --max-semi-space-size=8 --v8-pool-size=1
import 'reflect-metadata';
import { runProgram } from './commands/program.js';

await runProgram(process.argv);
