/** The thread in which the picture is drawn. */
import { parentPort, workerData } from 'node:worker_threads';
import type { YearAhead } from '../digest/edition.js';
import { yearPng } from './year-png.js';

parentPort?.postMessage(await yearPng(workerData as YearAhead));
