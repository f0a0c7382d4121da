import type { Reader } from '../core/fact.js';
import { certificatesReader } from './reader.js';

/** Every reader of certificate text. */
export const certificateReaders: readonly Reader<unknown>[] = [certificatesReader];
