/* BOOT: what was stored and never released comes out at the next power-on (docs/adr/0003, item 1).
 *
 * The element's journal has the counter, the last record, the boot record if it is the last, and the marker of an
 * open card session. Every write is one atomic write of the journal. Power may be cut CUTS times: before a write,
 * between a write and its answer, or at rest. A record is its counter value and a serial number for each time it was
 * signed, so that signing anew is seen. The host keeps what it was given.
 *
 * Proved as built (KEEP=1, ORDER=1):
 *  - under one counter value the host never gets two records (no fork);
 *  - whenever an answer arrives, everything below it has arrived or is explained: a presence by its commit or abort
 *    or by the marker in a boot record (no gap);
 *  - no BEGIN has two commits, and none is made after a power cut in between.
 * Controls, an error expected in each:
 *  - KEEP=0: the boot record overwrites the last record, as the command table alone has it. Power cut again during
 *    BOOT loses a commit.
 *  - ANEW=1: BOOT signs the last record again instead of releasing the stored bytes. Fork.
 *  - ORDER=0: release first, store after. Fork. */
#ifndef KEEP
#define KEEP 1
#endif
#ifndef ANEW
#define ANEW 0
#endif
#ifndef ORDER
#define ORDER 1
#endif
#ifndef CUTS
#define CUTS 3
#endif
#define MAX 7

#define NO 0
#define AGAIN 1
#define WRITE 2

/* non-volatile; 0 = nil */
byte counter, record, record_id, boot, boot_id, marker;
/* volatile */
bool unlocked, pending;
byte due = WRITE;
/* the world */
byte cuts, signatures;
byte got[MAX + 2];          /* serial number of the record that the host has under this value */
bool explained[MAX + 2];    /* a presence that is accounted for */
byte marker_of[MAX + 2];    /* what a boot record says in `pending` */
byte closes[MAX + 2];       /* the presence that a commit or abort belongs to */
byte ends_of[MAX + 2];      /* commits and aborts that the host has of a presence */
byte i, v, w, id;

/* The host gets a record. */
inline receive(value, number) {
  assert(got[value] == 0 || got[value] == number);
  if
  :: got[value] == 0 ->
     got[value] = number;
     if
     :: closes[value] != 0 -> explained[closes[value]] = true; ends_of[closes[value]]++; assert(ends_of[closes[value]] <= 1)
     :: else
     fi;
     if
     :: marker_of[value] != 0 -> explained[marker_of[value]] = true
     :: else
     fi
  :: else
  fi
}

/* After an answer: nothing below `top` is missing. */
inline complete(top) {
  i = 1;
  do
  :: i <= top -> assert(got[i] != 0 || explained[i]); i++
  :: else -> break
  od;
  i = 0
}

inline may_cut() {
  if
  :: counter + 2 <= MAX && cuts < CUTS -> cuts++; unlocked = false; pending = false; v = 0; w = 0; id = 0; i = 0; goto power_on
  :: true
  fi
}

/* Signs the next record: v and id. */
inline make() { v = counter + 1; closes[v] = 0; marker_of[v] = 0; signatures++; id = signatures }
inline store() { counter = v; record = v; record_id = id; boot = 0; boot_id = 0 }
inline done() { v = 0; w = 0; id = 0; i = 0 }

active proctype element() {
power_on:
  atomic {
    if
    :: boot != 0 -> due = AGAIN
    :: else -> due = WRITE
    fi
  };
  do
  :: counter + 2 > MAX -> break

  /* BOOT, the first of two: both stored records again */
  :: counter + 2 <= MAX && due == AGAIN ->
     may_cut();
     atomic {
       if
       :: ANEW && record != 0 -> signatures++; receive(record, signatures)
       :: !ANEW && record != 0 -> receive(record, record_id)
       :: else
       fi;
       receive(boot, boot_id); complete(boot); due = WRITE
     }

  /* BOOT: the last record again, and a boot record */
  :: counter + 2 <= MAX && due == WRITE ->
     atomic { make(); marker_of[v] = marker };
     may_cut();
     atomic {
       if
       :: boot != 0 -> record = boot; record_id = boot_id
       :: else
       fi;
       counter = v; marker = 0;
       if
       :: KEEP -> boot = v; boot_id = id; w = record
       :: else -> w = record; i = record_id; record = v; record_id = id; boot = 0; boot_id = 0
       fi
     };
     may_cut();
     atomic {
       if
       :: KEEP -> i = record_id
       :: else
       fi;
       if
       :: w != 0 && ANEW -> signatures++; receive(w, signatures)
       :: w != 0 && !ANEW -> receive(w, i)
       :: else
       fi;
       receive(v, id); complete(v); due = NO; done()
     }

  /* a record that needs no unlock, or unlocks: TS1, ACT, a stamp, a close */
  :: counter + 2 <= MAX && due == NO && !pending ->
     make();
     if
     :: ORDER -> atomic { store() }; may_cut(); atomic { receive(v, id); complete(v) }
     :: else -> atomic { receive(v, id); complete(v) }; may_cut(); atomic { store() }
     fi;
     unlocked = true; done()

  /* BEGIN: a counter value for the presence, which is no record; the card is authenticated to */
  :: counter + 2 <= MAX && due == NO && unlocked && !pending ->
     atomic { v = counter + 1; counter = v; marker = v };
     may_cut();
     atomic { got[v] = 255; pending = true; done() }

  /* BEGIN in an open session: its abort and the new presence in one write */
  :: counter + 2 <= MAX && due == NO && pending ->
     atomic { make(); closes[v] = marker };
     may_cut();
     atomic { store(); w = v + 1; counter = w; marker = w };
     may_cut();
     atomic { receive(v, id); complete(v); got[w] = 255; done() }

  /* COMMIT */
  :: counter + 2 <= MAX && due == NO && pending ->
     atomic { make(); closes[v] = marker };
     if
     :: ORDER -> atomic { store(); marker = 0 }; may_cut(); atomic { receive(v, id); complete(v) }
     :: else -> atomic { receive(v, id); complete(v) }; may_cut(); atomic { store(); marker = 0 }
     fi;
     pending = false; done()

  /* power is cut at rest */
  :: counter + 2 <= MAX && cuts < CUTS -> cuts++; unlocked = false; pending = false; goto power_on
  od
}
