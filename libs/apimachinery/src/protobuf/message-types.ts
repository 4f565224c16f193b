/** The table of messages.ts, parsed when the first protobuf body comes. */
import { MESSAGES } from './messages.js';

export interface FieldType {
  /** Empty for inline messages. */
  jsonName: string;
  /** `=` plain, `?` optional (a zero is a value), `*` list, `%` map of strings to, `^` inline. */
  card: string;
  /** `s` string, `i` integer, `b` boolean, `d` float, `y` bytes, else the name of a message. */
  type: string;
}

export type MessageType = ReadonlyMap<number, FieldType>;

let types: ReadonlyMap<string, MessageType> | undefined;

export function messageType(name: string): MessageType | undefined {
  types ??= new Map(MESSAGES.trim().split('\n').map(parseLine));
  return types.get(name);
}

function parseLine(line: string): [string, MessageType] {
  const [name = '', ...fields] = line.split(' ');
  const home = name.slice(0, name.lastIndexOf('.'));
  return [
    name,
    new Map(
      fields.map((text) => {
        const [, number, jsonName = '', card = '', type = ''] = /^(\d+):([^=?*%^]*)([=?*%^])(.+)$/.exec(text) ?? [];
        return [Number(number), { jsonName, card, type: type.startsWith('.') ? home + type : type }];
      }),
    ),
  ];
}
