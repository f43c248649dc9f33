import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A value that shows nowhere by itself: not in a text, not in JSON, not in a dump of what holds it. */
export class Secret<T> {
  #value: { known: T } | undefined;

  constructor(value: T) {
    this.#value = { known: value };
  }

  /** @throws Error when it was forgotten */
  reveal(): T {
    if (!this.#value) throw new Error('this secret is known to who needed it, and forgotten here');
    return this.#value.known;
  }

  /** Whoever revealed it is then the only one to have it. */
  forget(): void {
    this.#value = undefined;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
