/** Things to do when the play-head reaches their time. */
export class Agenda<T extends { time: number }> {
  private items: T[] = [];

  /** Items kept at most; the oldest give way. */
  constructor(private readonly capacity = 2000) {}

  insert(item: T): void {
    const at = this.items.findLastIndex((other) => other.time <= item.time) + 1;
    this.items.splice(at, 0, item);
    if (this.items.length > this.capacity) this.items.shift();
  }

  /** Drop all at or after this time. */
  forget(time: number): void {
    this.items = this.items.filter((item) => item.time < time);
  }

  /** Take out what is due at this time, in order. */
  due(time: number): T[] {
    const count = this.items.findLastIndex((item) => item.time <= time) + 1;
    return this.items.splice(0, count);
  }
}
