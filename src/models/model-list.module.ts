import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClockModule } from '../clock/clock.module.js';
import { Configuration } from '../configuration/configuration.js';
import { BlockRunSellerModels, modelsUrlOf } from './block-run.seller-models.js';
import { ModelListFile } from './model-list-file.js';
import { ModelListService } from './model-list.service.js';
import { ModelListSource } from './model-list-source.js';
import { ModelsController } from './models.controller.js';
import { ModelsModule } from './models.module.js';
import { SellerModels } from './seller-models.js';

/** In a dry run, and at a seller whose list nobody knows. */
const nobody: SellerModels = { list: () => Promise.resolve(undefined) };

/** What the running proxy does with the models: it keeps them up with the seller's list, and shows them. */
@Module({
  imports: [AuditModule, ClockModule, ModelsModule],
  controllers: [ModelsController],
  providers: [
    ModelListService,
    ModelListSource,
    {
      provide: ModelListFile,
      inject: [Configuration],
      useFactory: ({ modelListFile }: Configuration) => new ModelListFile(modelListFile),
    },
    {
      provide: SellerModels,
      inject: [Configuration],
      useFactory: ({ chatUrl, dryRun }: Configuration): SellerModels => {
        const url = modelsUrlOf(chatUrl);
        return dryRun || !url ? nobody : new BlockRunSellerModels(url);
      },
    },
  ],
})
export class ModelListModule {}
