/** The one shape of everything that can go wrong between the page and the server. */
import type { Problem } from "@/api/types.gen";

export interface Fault {
  pointer: string;
  code: string;
  detail: string;
  fix?: string;
}

/** A refused or failed call. Status 0 means the server was not reached at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly faults: readonly Fault[];

  constructor(p: Partial<Problem> & { status: number; code: string }) {
    super(p.detail ?? p.title ?? p.code);
    this.name = "ApiError";
    this.status = p.status;
    this.code = p.code;
    this.title = p.title ?? "";
    this.detail = p.detail ?? "";
    this.requestId = p.request_id ?? "";
    this.retryable = p.retryable ?? false;
    this.faults = p.errors ?? [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

function faultsOf(value: unknown): Fault[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((f) => ({
    pointer: text(f["pointer"]),
    code: text(f["code"]),
    detail: text(f["detail"]),
    ...(typeof f["fix"] === "string" && f["fix"] !== "" ? { fix: f["fix"] } : {}),
  }));
}

/** Reads the body of a non-2xx answer, whatever it turns out to be: a proxy may answer in HTML. */
export function problemOf(status: number, body: unknown, requestId = ""): ApiError {
  if (!isRecord(body)) return new ApiError({ status, code: `http_${status}`, request_id: requestId });
  return new ApiError({
    status,
    code: text(body["code"]) || `http_${status}`,
    title: text(body["title"]),
    detail: text(body["detail"]),
    request_id: text(body["request_id"]) || requestId,
    retryable: body["retryable"] === true,
    errors: faultsOf(body["errors"]),
  });
}

/** Makes an ApiError of anything thrown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) return new ApiError({ status: 0, code: "offline", retryable: true });
  return new ApiError({
    status: 0,
    code: "unexpected",
    detail: error instanceof Error ? error.message : String(error),
  });
}

/** The error as text for a ticket. */
export function errorAsText(e: ApiError): string {
  const lines = [
    e.title || e.code,
    e.detail,
    ...e.faults.map((f) => `${f.pointer}: ${f.detail} ${f.fix ?? ""}`),
  ];
  lines.push(`code: ${e.code}`, `status: ${e.status}`);
  if (e.requestId) lines.push(`request id: ${e.requestId}`);
  return lines.filter((line) => line.trim() !== "").join("\n");
}
