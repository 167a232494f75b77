/**
 * Collects what failed and what was lacking, per check, and turns it into a status (formats.md 12.2, 12.14).
 *
 * @typedef {'passed' | 'lacking' | 'failed'} Outcome a check that was not reached has none
 */

export const STATUS = { valid: 0, openEnded: 1, indeterminate: 2, invalid: 3, conflict: 4 };

export class Judgement {
  constructor() {
    /** @type {Map<number, Outcome>} by number of the check, 1 to 12 */
    this.checks = new Map();
    /** @type {Set<number>} */
    this.failed = new Set();
    /** @type {Set<number>} */
    this.lacking = new Set();
  }

  /** @param {number} check */
  pass(check) {
    if (!this.checks.has(check)) this.checks.set(check, 'passed');
  }

  /** @param {number} check @param {number} reason */
  fail(check, reason) {
    this.checks.set(check, 'failed');
    this.failed.add(reason);
  }

  /** @param {number} check @param {number} reason */
  lack(check, reason) {
    if (this.checks.get(check) !== 'failed') this.checks.set(check, 'lacking');
    this.lacking.add(reason);
  }

  /** Fails unless `condition` holds. @param {number} check @param {boolean} condition @param {number} reason */
  demand(check, condition, reason) {
    if (condition) this.pass(check);
    else this.fail(check, reason);
  }

  /** @param {number} check */
  hasPassed(check) {
    return this.checks.get(check) === 'passed';
  }

  /** @param {boolean} closed whether the window has an upper end */
  status(closed) {
    let status = closed ? STATUS.valid : STATUS.openEnded;
    if (this.lacking.size > 0) status = STATUS.indeterminate;
    for (const reason of this.failed) {
      if (reason <= 10) status = Math.max(status, STATUS.invalid);
      if (reason === 12 || reason === 14) status = STATUS.conflict;
    }
    return status;
  }

  /** Numbers of the reasons, ascending. @param {number[]} [more] */
  reasons(more = []) {
    return [...new Set([...this.failed, ...this.lacking, ...more])].sort((a, b) => a - b);
  }
}
