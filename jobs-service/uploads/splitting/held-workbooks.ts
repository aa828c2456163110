/** Bounds the bytes of workbooks that are held at once, in all and of one sender. Where there is no room, one whose upload waits to be continued gives way. */
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Bytes of workbooks that this process holds at once, at most: in a container their folder may be memory. */
const MAX_HELD_BYTES = 1024 * 1024 * 1024;
/** Of all that may be held. A sender who holds no more has the workbooks of others give way; by default, the largest workbook's size. */
const SENDER_SHARE = 1 / 4;
/** Of all that may be held, what one sender holds at most, however slowly it comes: others have the rest. */
const SENDER_MOST = 1 / 2;

/** Who brings a workbook. */
export interface WorkbookSource {
  /** As of `UploadPlaces`. */
  readonly sender: string;
  /** Of an upload that may wait to be continued; null where it never waits. */
  readonly file: {
    /** Whether it waits for another connection. */
    readonly isBroken: boolean;
    /** It waits for no further connection: its bytes fail. */
    letGo(): void;
  } | null;
}

export interface HeldWorkbook {
  /**
   * Takes room for more bytes of it. Resolves once they have room.
   * @throws Problem unavailable, where there is none: its room goes to others once it is released
   */
  grow(bytes: number): Promise<void>;
  /** Gives its room back. */
  release(): void;
}

interface Held {
  readonly source: WorkbookSource;
  bytes: number;
  /** Whether it is given up, so that its room will be free. */
  isGivenUp: boolean;
  readonly released: Promise<void>;
}

export class HeldWorkbooks {
  readonly #maxBytes: number;
  /** The one that has begun first comes first. */
  readonly #held = new Set<Held>();

  /** @param maxBytes in all, at most; default 1 GiB */
  constructor(maxBytes = MAX_HELD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes a workbook in, of which nothing has come. */
  hold(source: WorkbookSource): HeldWorkbook {
    let leave = () => {};
    const released = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const held: Held = { source, bytes: 0, isGivenUp: false, released };
    this.#held.add(held);
    return {
      grow: async (bytes) => {
        held.bytes += bytes;
        this.#makeRoomFor(held);
        if (sum([...this.#held]) <= this.#maxBytes) return;
        const going = [...this.#held].filter(({ isGivenUp }) => isGivenUp);
        await Promise.all(going.map((other) => other.released));
      },
      release: () => {
        this.#held.delete(held);
        leave();
      },
    };
  }

  /** One that waits gives way, of the sender before others; where none may, the one that comes is refused, so that the rest goes on. */
  #makeRoomFor(held: Held): void {
    for (;;) {
      const staying = [...this.#held].filter(({ isGivenUp }) => !isGivenUp);
      const own = staying.filter(({ source }) => source.sender === held.source.sender);
      const isOwnFault = sum(own) > this.#maxBytes * SENDER_MOST;
      if (!isOwnFault && sum(staying) <= this.#maxBytes) return;
      const mayTake = sum(own) <= this.#maxBytes * SENDER_SHARE;
      const given = own.find(isWaiting) ?? (mayTake ? staying.find(isWaiting) : undefined) ?? held;
      given.isGivenUp = true;
      if (given === held) throw tooManyWorkbooks();
      given.source.file?.letGo();
    }
  }
}

function isWaiting({ source }: Held): boolean {
  return source.file?.isBroken === true;
}

function sum(held: readonly Held[]): number {
  return held.reduce((bytes, one) => bytes + one.bytes, 0);
}

function tooManyWorkbooks(): Problem {
  const message =
    'The server is reading as many workbooks as it has room for. Send it again in a moment, or as CSV.';
  return new Problem('unavailable', message, { retryAfterSeconds: 30 });
}
