/** What can be seen to be no phone number while it is typed; which countries' are taken is for the platform to say. */
export const isPhoneLike = (typed: string): boolean => /^\+?\d[\d ()./-]{6,24}$/.test(typed.trim());
