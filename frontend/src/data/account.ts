/** Signing in, out and up. */
import { login, logout, register } from "@/api/sdk.gen";
import { answer } from "@/lib/http";
import { signedIn, signedOut } from "@/lib/session";

export async function signIn(name: string, password: string): Promise<void> {
  signedIn(await answer(login({ body: { name, password } })));
}

/** Makes the first account with the one-time token of the server's first start. */
export async function signUp(name: string, password: string, token: string): Promise<void> {
  signedIn(await answer(register({ body: { name, password, bootstrap_token: token } })));
}

/** Ends the session here even when the server cannot be told. */
export async function signOut(): Promise<void> {
  try {
    await answer(logout());
  } finally {
    signedOut();
  }
}
