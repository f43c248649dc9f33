import { Module } from '@nestjs/common';
import { Clock, systemClock } from './clock.js';

@Module({ providers: [{ provide: Clock, useValue: systemClock }], exports: [Clock] })
export class ClockModule {}
