declare module "*.css" {
  const text: string;
  export default text;
}

/** The package's version, which the build inserts. */
declare const __VERSION__: string;
