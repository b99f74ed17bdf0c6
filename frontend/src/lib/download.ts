/** Files from the server into the reader's download folder. */
import { authorised, refusal } from "@/lib/http";

/** The file name a Content-Disposition header asks for. */
export function fileNameOf(disposition: string | null, fallback: string): string {
  const extended = disposition?.match(/filename\*\s*=\s*UTF-8''([^;]+)/i)?.[1];
  if (extended) {
    try {
      return clean(decodeURIComponent(extended.trim()), fallback);
    } catch {
      // badly encoded: the plain name is next
    }
  }
  const plain = disposition?.match(/filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]+))/i);
  return clean((plain?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[2] ?? "").trim(), fallback);
}

function clean(name: string, fallback: string): string {
  const last = name.split(/[/\\]/).pop() ?? "";
  return last === "" || last === "." || last === ".." ? fallback : last;
}

/** Fetches url with the session and saves it; progress is told in bytes. Gives back the name used. */
export async function download(
  url: string,
  fallbackName: string,
  onProgress?: (received: number, total: number | undefined) => void,
): Promise<string> {
  const response = await authorised(url);
  if (!response.ok) throw await refusal(response);
  const name = fileNameOf(response.headers.get("Content-Disposition"), fallbackName);
  save(await collect(response, onProgress), name);
  return name;
}

async function collect(
  response: Response,
  onProgress?: (received: number, total: number | undefined) => void,
): Promise<Blob> {
  const length = Number(response.headers.get("Content-Length"));
  const total = Number.isFinite(length) && length > 0 ? length : undefined;
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  if (!response.body) return response.blob();
  let received = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        received += chunk.byteLength;
        onProgress?.(received, total);
        controller.enqueue(chunk);
      },
    }),
  );
  // A Response turns the stream into a blob the browser may keep on disk.
  return new Response(counted, { headers: { "Content-Type": type } }).blob();
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has opened the blob by the next minute; the memory is given back then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
