/**
 * One record of the HMC's comma-separated output. A field that holds commas is wrapped in double quotes, and so
 * is a whole pair whose value does; quotes inside a quoted field are doubled:
 *
 *     name=sys1,"lpar_proc_compat_modes=default,POWER8",state=Operating
 *     virtual_scsi_adapters=none,"virtual_eth_adapters=3/1/1/10/0/1,""2/1/1/3,4,5/0/1"""
 *
 * An empty text is one empty field. Source: IBM Power Systems HMC commands, lssyscfg, section "-F".
 */
export interface HmcField {
  readonly value: string;
  readonly quoted: boolean;
}

/** Cuts one record into its fields; null where the quoting does not come out even. */
export function splitHmcRecord(record: string): readonly HmcField[] | null {
  const fields: HmcField[] = [];
  let position = 0;
  for (;;) {
    const field = record[position] === '"' ? quotedField(record, position) : bareField(record, position);
    if (field === null) return null;
    fields.push({ value: field.value, quoted: field.quoted });
    if (field.end === record.length) return fields;
    position = field.end + 1;
  }
}

interface Cut extends HmcField {
  /** Index of the comma behind the field, or the length of the record. */
  readonly end: number;
}

function quotedField(record: string, start: number): Cut | null {
  const match = /"(?<inner>(?:[^"]|"")*)"(?=,|$)/y;
  match.lastIndex = start;
  const inner = match.exec(record)?.groups?.['inner'];
  if (inner === undefined) return null;
  return { value: inner.replaceAll('""', '"'), quoted: true, end: match.lastIndex };
}

function bareField(record: string, start: number): Cut | null {
  const comma = record.indexOf(',', start);
  const end = comma === -1 ? record.length : comma;
  const value = record.slice(start, end);
  // A quote in the middle of a bare field is the torn end of a quoted one.
  return value.includes('"') ? null : { value, quoted: false, end };
}
