import type { Fault } from './faults.js';
import type { Json } from './json.js';

/** One call of the bot and what it was told. `status` and `answer` are null where it got no answer. */
export interface TrafficRecord {
  readonly method: string;
  readonly args: Json;
  /** Milliseconds since 1970. */
  readonly at: number;
  answeredAt: number | null;
  status: number | null;
  answer: Json | null;
  fault: Fault['kind'] | null;
}

const most = 5_000;

/** Everything that the bot sent, oldest first; the last 5,000 calls are kept, tokens are not. */
export class Traffic {
  #records: TrafficRecord[] = [];

  begin(method: string, args: Json): TrafficRecord {
    const record: TrafficRecord = {
      method,
      args,
      at: Date.now(),
      answeredAt: null,
      status: null,
      answer: null,
      fault: null,
    };
    this.#records.push(record);
    if (this.#records.length > most) this.#records.shift();
    return record;
  }

  end(record: TrafficRecord, status: number | null, answer: Json | null, fault: Fault | null): void {
    Object.assign(record, { answeredAt: Date.now(), status, answer, fault: fault?.kind ?? null });
  }

  list(method: string | null = null): readonly TrafficRecord[] {
    return method === null ? this.#records : this.#records.filter((record) => record.method === method);
  }

  clear(): void {
    this.#records = [];
  }
}
