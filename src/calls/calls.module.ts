import { Module } from '@nestjs/common';
import { CallFeed } from './call-feed.js';
import { CallLog } from './call-log.js';

@Module({ providers: [CallFeed, CallLog], exports: [CallFeed] })
export class CallsModule {}
