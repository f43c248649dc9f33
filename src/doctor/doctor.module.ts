import { Module } from '@nestjs/common';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { openClawPlace } from '../configuration/openclaw-place.js';
import { ModelCatalog } from '../models/model-catalog.js';
import { BlockRunSeller } from '../payment/block-run.seller.js';
import { Seller } from '../payment/seller.js';
import { ChainModule } from '../reconciliation/chain.module.js';
import { ServiceInstaller } from '../service/service-installer.js';
import { agentCashCheck } from './agent-cash.check.js';
import { auditCheck } from './audit.check.js';
import { balanceCheck } from './balance.check.js';
import { budgetCheck } from './budget.check.js';
import { clockCheck } from './clock.check.js';
import { configurationCheck } from './configuration.check.js';
import { diskCheck } from './disk.check.js';
import { DoctorBooks } from './doctor-books.js';
import { DoctorSources } from './doctor-sources.js';
import { filesCheck } from './files.check.js';
import type { Check } from './finding.js';
import { ledgerCheck } from './ledger.check.js';
import { nodeCheck } from './node.check.js';
import { openClawCheck } from './openclaw.check.js';
import { payeeCheck } from './payee.check.js';
import { portCheck } from './port.check.js';
import { sellerCheck } from './seller.check.js';
import { SellerProbe } from './seller-probe.js';
import { serviceCheck } from './service.check.js';
import { walletCheck } from './wallet.check.js';

/** Every check, in the order in which they are shown. */
export const Checks = Symbol('Checks');
export type Checks = readonly Check[];

/** The seller is waited for no longer than a person waits for a doctor. */
const SELLER_TIMEOUT_MS = 10_000;

/** Nothing here opens a book for writing, and nothing can sign: there is no payer. */
@Module({
  imports: [ChainModule, ClockModule],
  providers: [
    DoctorBooks,
    DoctorSources,
    ModelCatalog,
    SellerProbe,
    {
      provide: Seller,
      inject: [Configuration],
      useFactory: (configuration: Configuration) =>
        new BlockRunSeller({ ...configuration, timeoutMs: Math.min(configuration.timeoutMs, SELLER_TIMEOUT_MS) }),
    },
    {
      provide: Checks,
      inject: [Configuration, DoctorSources],
      useFactory: (configuration: Configuration, { books, probe, clock, chains }: DoctorSources): Checks => {
        const systemd = new ServiceInstaller(() => undefined);
        return [
          nodeCheck(),
          configurationCheck(configuration),
          filesCheck(configuration),
          diskCheck(configuration),
          ledgerCheck(books),
          budgetCheck(books, configuration, clock),
          auditCheck(books, configuration),
          walletCheck(configuration),
          ...(configuration.payer === 'agentcash' ? [agentCashCheck(configuration)] : []),
          balanceCheck({ books, clock, chains }, configuration),
          sellerCheck(probe, configuration),
          payeeCheck({ books, probe }, configuration),
          clockCheck({ books, probe, clock }),
          portCheck(configuration),
          openClawCheck(openClawPlace().configFile, configuration),
          serviceCheck((...question) => systemd.properties(...question)),
        ];
      },
    },
  ],
  exports: [Checks],
})
export class DoctorModule {}
