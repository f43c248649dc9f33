#!/usr/bin/env -S node --max-old-space-size=512
import 'reflect-metadata';
import { runProgram } from './commands/program.js';

await runProgram(process.argv);
