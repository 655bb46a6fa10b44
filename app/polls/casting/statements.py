"""The two statements by which votes are cast, each one round trip and one commit for many.

Each shares the row of the poll with other votes and asks it for its state and, by the database's
clock, for its time; whoever closes the poll writes that row first, and so waits for the votes that
are under way and is waited for by the others. It counts in a later statement and sees them all.
The lines of the roll are shared as well, after that row: who strikes one sees whether it voted.

A vote that has to be looked at again, because another of the same entry was faster, is told so by
an outcome of `again`.

What is run at once waits for nobody: where the poll's row is being written, its votes are told
that it is `closed`, and have to ask once more with patience. One poll that is being closed and
counted does not keep the votes of the others.

The planner keeps a plan for as long as it knows of no more rows than when it made it, and a poll
fills up fast. So what is looked up is asked for one row at a time, with a limit, which leaves it
nothing but the index; and what one part of a statement wrote the next one finds by a hash, which
`IS TRUE` leaves it instead of a loop in a loop.
"""

from sqlalchemy import text

_OPEN = """
), held AS MATERIALIZED (
  SELECT community_id, id, closes_at FROM polls
   WHERE (community_id, id) IN (SELECT c, p FROM given)
     AND state = 'open' AND secrecy = :secrecy
   ORDER BY community_id, id
     FOR SHARE
), open AS MATERIALIZED (
  SELECT community_id, id FROM held WHERE clock_timestamp() < closes_at
), by_person AS MATERIALIZED (
  SELECT n, entry.id AS entry_id
    FROM given
    JOIN open ON open.community_id = c AND open.id = p
    JOIN poll_voters AS voter
      ON voter.community_id = c AND voter.poll_id = p AND voter.person_id = v
     AND voter.entry_id = coalesce(e, voter.entry_id) AND voter.struck_by_id IS NULL
    JOIN poll_entries AS entry
      ON entry.community_id = c AND entry.id = voter.entry_id AND entry.struck_by_id IS NULL
     FOR SHARE OF voter, entry
), on_paper AS MATERIALIZED (
  SELECT n, entry.id AS entry_id
    FROM given
    JOIN open ON open.community_id = c AND open.id = p
    JOIN poll_entries AS entry
      ON entry.community_id = c AND entry.id = e AND entry.poll_id = p
     AND entry.struck_by_id IS NULL
   WHERE v IS NULL
     FOR SHARE OF entry
), theirs AS MATERIALIZED (
  SELECT n, entry_id, count(*) OVER (PARTITION BY n) AS entries
    FROM (SELECT * FROM by_person UNION ALL SELECT * FROM on_paper) AS found
"""
"""Of what is `given`, which polls are open, and which votes of their rolls each is for."""

_RECORD = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset(CAST(:votes AS json)) AS d
         (n int, c uuid, p uuid, v uuid, e uuid, w text, k text, f uuid, s text, a uuid,
          t timestamptz)
"""
_RECORDED = """
), chosen AS MATERIALIZED (
  SELECT DISTINCT ON (c, p, entry_id) given.*, entry_id
    FROM given JOIN theirs USING (n)
   WHERE entries = 1
   ORDER BY c, p, entry_id, n
), kept AS (
  INSERT INTO poll_ballots AS before
         (community_id, poll_id, entry_id, choice, person_id, channel, cast_at, times)
  SELECT c, p, entry_id, w, v, k, clock_timestamp(), 1
    FROM chosen ORDER BY c, p, entry_id
  ON CONFLICT (community_id, poll_id, entry_id) DO UPDATE
     SET choice = excluded.choice, person_id = excluded.person_id, channel = excluded.channel,
         cast_at = clock_timestamp(), times = before.times + 1
   WHERE before.choice <> excluded.choice
     AND before.channel NOT IN ('paper', 'door') AND excluded.channel NOT IN ('paper', 'door')
  RETURNING community_id, poll_id, entry_id, times
), told AS (
  INSERT INTO facts (community_id, id, at, kind, subject_id, actor_kind, actor_id, payload)
  SELECT c, f, t, 'polls.ballot_cast', p, s, a,
         jsonb_build_object('poll_id', p, 'entry_id', entry_id, 'channel', k)
    FROM chosen
   WHERE ((c, p, entry_id) IN (SELECT community_id, poll_id, entry_id FROM kept)) IS TRUE
   ORDER BY f
  RETURNING community_id, id
), promised AS (
  SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
           'default', 'polls.tell_of_ballots', 0, NULL, NULL,
           jsonb_build_object('community_id', community_id, 'fact_ids', ids), NULL
         )::procrastinate_job_to_defer_v1)) AS jobs
    FROM (SELECT community_id, jsonb_agg(id) AS ids FROM told GROUP BY community_id) AS news
   WHERE EXISTS (SELECT FROM webhook_subscriptions AS wants
                  WHERE wants.community_id = news.community_id AND wants.state = 'active'
                    AND wants.kinds && ARRAY['polls.*', 'polls.ballot_cast'])
  HAVING count(*) > 0
)
SELECT CASE WHEN open.id IS NULL THEN 'closed'
            WHEN entries IS NULL THEN 'not_on_roll'
            WHEN entries > 1 THEN 'which'
            WHEN chosen.n IS NULL THEN 'again'
            WHEN kept.times = 1 THEN 'cast'
            WHEN kept.times > 1 THEN 'changed'
            WHEN earlier.entry_id IS NULL THEN 'again'
            WHEN earlier.channel IN ('paper', 'door') OR given.k IN ('paper', 'door')
              THEN 'has_voted'
            ELSE 'unchanged' END,
       theirs.entry_id, coalesce(kept.times, earlier.times, 1),
       (SELECT cardinality(jobs) FROM promised)
  FROM given
  LEFT JOIN open ON open.community_id = c AND open.id = p
  LEFT JOIN (SELECT DISTINCT ON (n) * FROM theirs ORDER BY n) AS theirs USING (n)
  LEFT JOIN chosen USING (n)
  LEFT JOIN kept
    ON kept.community_id = given.c AND kept.poll_id = given.p AND kept.entry_id = chosen.entry_id
  LEFT JOIN LATERAL (
    SELECT there.entry_id, channel, there.times FROM poll_ballots AS there
     WHERE kept.entry_id IS NULL AND there.community_id = given.c AND there.poll_id = given.p
       AND there.entry_id = chosen.entry_id LIMIT 1
  ) AS earlier ON true
 ORDER BY n
"""
RECORD = _RECORD + _OPEN + _RECORDED
"""Recorded votes: one row for each vote of the roll, and one fact each time that it changes.

Told are those who asked for this kind of fact, by work that is promised in the same statement.
"""

_KEEP = """
WITH given AS MATERIALIZED (
  SELECT d.*, decode(h, 'hex') AS leaf FROM json_to_recordset(CAST(:votes AS json)) AS d
         (n int, c uuid, p uuid, v uuid, e uuid, w text, o text, h text)
), known AS MATERIALIZED (
  SELECT n FROM given
   WHERE coalesce(
         (SELECT true FROM poll_intake AS there WHERE there.community_id = c
             AND there.poll_id = p AND there.leaf = given.leaf LIMIT 1),
         (SELECT true FROM poll_sealed_ballots AS there WHERE there.community_id = c
             AND there.poll_id = p AND there.leaf = given.leaf LIMIT 1))
"""
_KEPT = """
), chosen AS MATERIALIZED (
  SELECT DISTINCT ON (c, p, entry_id) given.*, entry_id
    FROM given JOIN theirs USING (n)
   WHERE entries = 1 AND n NOT IN (SELECT n FROM known)
   ORDER BY c, p, entry_id, n
), took AS (
  INSERT INTO poll_participations (community_id, poll_id, entry_id)
  SELECT c, p, entry_id FROM chosen ORDER BY c, p, entry_id
  ON CONFLICT (community_id, poll_id, entry_id) DO NOTHING
  RETURNING community_id, poll_id, entry_id
), kept AS (
  INSERT INTO poll_intake (community_id, poll_id, leaf, nonce, choice)
  SELECT c, p, leaf, o, w
    FROM chosen
   WHERE ((c, p, entry_id) IN (SELECT community_id, poll_id, entry_id FROM took)) IS TRUE
   ORDER BY leaf
)
SELECT CASE WHEN took.entry_id IS NOT NULL THEN 'cast'
            WHEN open.id IS NULL THEN 'closed'
            WHEN entries IS NULL THEN 'not_on_roll'
            WHEN entries > 1 THEN 'which'
            WHEN earlier.entry_id IS NOT NULL AND known.n IS NOT NULL THEN 'cast'
            WHEN earlier.entry_id IS NOT NULL THEN 'has_voted'
            WHEN known.n IS NOT NULL THEN 'nonce_taken'
            ELSE 'again' END,
       theirs.entry_id, 1
  FROM given
  LEFT JOIN open ON open.community_id = c AND open.id = p
  LEFT JOIN (SELECT DISTINCT ON (n) * FROM theirs ORDER BY n) AS theirs USING (n)
  LEFT JOIN known USING (n)
  LEFT JOIN chosen USING (n)
  LEFT JOIN took
    ON took.community_id = given.c AND took.poll_id = given.p AND took.entry_id = chosen.entry_id
  LEFT JOIN LATERAL (
    SELECT there.entry_id FROM poll_participations AS there
     WHERE took.entry_id IS NULL AND there.community_id = given.c AND there.poll_id = given.p
       AND there.entry_id = theirs.entry_id LIMIT 1
  ) AS earlier ON true
 ORDER BY n
"""
KEEP = _KEEP + _OPEN + _KEPT
"""Secret votes: that somebody took part and what was voted, in two tables and no third.

Each table is written in an order of its own, by the roll and by a hash, so that the places of the
rows tell nothing of a batch. One that is known already was sent before: who took part gets the
answer of the first time.
"""

_BEFORE = """
), theirs AS MATERIALIZED (
  SELECT n, voter.entry_id, count(*) OVER (PARTITION BY n) AS entries
    FROM given
    JOIN poll_voters AS voter
      ON voter.community_id = c AND voter.poll_id = p AND voter.person_id = v
     AND voter.entry_id = coalesce(e, voter.entry_id) AND voter.struck_by_id IS NULL
)
SELECT CASE WHEN took.entry_id IS NULL THEN 'closed' ELSE 'cast' END, took.entry_id, 1
  FROM given
  LEFT JOIN known USING (n)
  LEFT JOIN theirs ON theirs.n = given.n AND entries = 1 AND known.n IS NOT NULL
  LEFT JOIN poll_participations AS took
    ON took.community_id = c AND took.poll_id = p AND took.entry_id = theirs.entry_id
 ORDER BY given.n
"""
BEFORE = _KEEP + _BEFORE
"""Secret votes that came too late, and may have come in time before: the answer got lost."""


def _at_once(statement: str) -> str:
    return statement.replace("     FOR SHARE\n", "     FOR SHARE SKIP LOCKED\n")


RECORD_VOTES, RECORD_AT_ONCE = text(RECORD), text(_at_once(RECORD))
KEEP_SECRET, KEEP_AT_ONCE = text(KEEP), text(_at_once(KEEP))
SENT_BEFORE = text(BEFORE)
