/* The element's order of writes under power loss (section "Actors and states": persist first, release after).
 *
 * The element gives every record one value of its counter. Power may be cut between storing and releasing.
 * ORDER=1, as built: store, then release. Proved: no value is released twice, no BEGIN has two commits, nothing
 * is signed for a card while locked.
 * ORDER=0, the control: release, then store. Error expected: a value is used again after a power cut.
 * BOOT, which releases a record again, is in se_boot.pml. */
#ifndef ORDER
#define ORDER 1
#endif
#define MAX 4
byte nv_mc = 0; bool act = false; bool pending = false; byte pend_mc = 0; byte boots = 0;
byte out_count[MAX+2];        /* how many records were released with counter value i */
bool ea_without_active = false; byte commits_for[MAX+2];
inline powercut() { act = false; pending = false; boots++ }
inline emit() { /* one record */
  byte v; v = nv_mc + 1;
#if ORDER
  nv_mc = v;
  if :: boots < 2 -> powercut(); goto boot :: skip fi;
  out_count[v]++;
#else
  out_count[v]++;
  if :: boots < 2 -> powercut(); goto boot :: skip fi;
  nv_mc = v;
#endif
}
active proctype SE() {
boot:
  do
  :: nv_mc >= MAX -> break
  :: nv_mc < MAX && !act -> act = true                 /* activation record modelled as free */
  :: nv_mc < MAX && act && !pending -> emit(); if :: !act -> ea_without_active = true :: else fi; pending = true; pend_mc = nv_mc
  :: nv_mc < MAX && act && pending -> emit(); commits_for[pend_mc]++; pending = false
  :: boots < 2 -> powercut()
  od;
  assert(!ea_without_active);
  byte i = 1;
  do :: i <= MAX -> assert(out_count[i] <= 1); assert(commits_for[i] <= 1); i++ :: else -> break od
}
