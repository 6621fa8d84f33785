// SPDX-License-Identifier: Apache-2.0
// By area and key: plugins/german.ts.
declare module 'virtual:german' {
  const areas: Record<string, Record<string, string>>;
  export default areas;
}
