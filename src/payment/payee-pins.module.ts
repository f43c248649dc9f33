import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { StoreModule } from '../store/store.module.js';
import { PayeePins } from './payee-pins.js';

/** For payments, and for the command that looks at them without a wallet. */
@Module({ imports: [AuditModule, ClockModule, StoreModule], providers: [PayeePins], exports: [PayeePins] })
export class PayeePinsModule {}
