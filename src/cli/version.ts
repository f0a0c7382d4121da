/** The version of this aixops, as package.json has it. */
export const version = '0.1.0';
