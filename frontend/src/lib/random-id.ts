/** 128 random bits as hex. crypto.randomUUID does not exist on a plain http address; this does. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(
    "",
  );
}
