/** A path of this site to go to after signing in; anything that could lead elsewhere becomes the history. */
export function safePath(to: string | undefined): string {
  if (!to || !/^\/[\w\-.~%?&=,:@/]*$/.test(to) || to.startsWith("//")) return "/tests";
  return to.startsWith("/sign-in") || to.startsWith("/register") ? "/tests" : to;
}
