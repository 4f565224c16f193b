import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { SimulationController } from './simulation.controller.js';

@Module({ imports: [StoreModule], controllers: [SimulationController] })
export class SimulationsModule {}
