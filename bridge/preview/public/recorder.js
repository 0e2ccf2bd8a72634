/** In the browser's audio thread: gathers what the microphone gives, 128 samples at a time, into 20 ms of 16 bits. */
class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunk = new Int16Array(Math.round(sampleRate * 0.02));
    this.filled = 0;
  }

  /** The mean of all channels; the microphone may have none for a moment. */
  process([channels]) {
    const count = channels[0]?.length ?? 0;
    for (let i = 0; i < count; i++) {
      const sum = channels.reduce((all, channel) => all + channel[i], 0) / channels.length;
      this.chunk[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sum * 32768)));
      if (this.filled === this.chunk.length) this.send();
    }
    return true;
  }

  send() {
    this.port.postMessage(this.chunk.slice());
    this.filled = 0;
  }
}

registerProcessor("recorder", Recorder);
