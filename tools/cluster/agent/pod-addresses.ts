import { PODS } from '../addresses.ts';

const toNumber = (address: string) =>
  address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
const toAddress = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');

/** Gives each pod an address, the one after the last: whoever still remembers a pod that has gone meets nobody. */
export class PodAddresses {
  readonly #first: number;
  readonly #count: number;
  readonly #taken = new Set<string>();
  #last = 0;

  constructor(range = PODS) {
    const [address, bits] = range.split('/') as [string, string];
    this.#first = toNumber(address);
    this.#count = 2 ** (32 - Number(bits));
  }

  /** @throws when all are taken */
  take(): string {
    for (let tried = 0; tried < this.#count; tried++) {
      // Neither the range's own address nor its last.
      this.#last = (this.#last % (this.#count - 2)) + 1;
      const address = toAddress(this.#first + this.#last);
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw new Error('Cannot give the pod an address: all are taken. Delete pods.');
  }

  free(address: string): void {
    this.#taken.delete(address);
  }
}
