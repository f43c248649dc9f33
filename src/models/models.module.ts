import { Module } from '@nestjs/common';
import { ModelCatalog } from './model-catalog.js';

/** The allowed models by what is known here: commands use it too, which have no ledger. */
@Module({ providers: [ModelCatalog], exports: [ModelCatalog] })
export class ModelsModule {}
