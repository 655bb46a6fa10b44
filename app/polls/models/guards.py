"""What the database itself refuses about polls, whoever asks: triggers of their tables."""

from collections.abc import Sequence

POLL_GUARD: Sequence[str] = (
    """
CREATE FUNCTION polls_keep_their_word() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tight CONSTANT text[] = ARRAY['always', 'after_voting', 'at_close'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.opened_at IS NULL THEN RETURN OLD; END IF;
    ELSIF OLD.state NOT IN ('announced', 'open', 'closed', 'published', 'cancelled', 'refused')
    THEN
        RETURN NEW;
    ELSIF (NEW.form, NEW.electorate, NEW.rules, NEW.secrecy, NEW.kind, NEW.place_id, NEW.number,
           NEW.title, NEW.announced_at)
          IS NOT DISTINCT FROM
          (OLD.form, OLD.electorate, OLD.rules, OLD.secrecy, OLD.kind, OLD.place_id, OLD.number,
           OLD.title, OLD.announced_at)
        AND (NOT NEW.names_shown OR OLD.names_shown)
        AND array_position(tight, NEW.results_shown::text)
            >= array_position(tight, OLD.results_shown::text)
        AND (OLD.opened_at IS NULL
             OR (NEW.opened_at IS NOT DISTINCT FROM OLD.opened_at
                 AND NEW.head IS NOT DISTINCT FROM OLD.head
                 AND NEW.closes_at >= OLD.closes_at))
        AND (OLD.closed_at IS NULL
             OR (NEW.closed_at IS NOT DISTINCT FROM OLD.closed_at
                 AND NEW.closes_at IS NOT DISTINCT FROM OLD.closes_at
                 AND NEW.state IN ('closed', 'published')))
        AND (OLD.state <> 'announced' OR NEW.state IN ('announced', 'open', 'cancelled'))
        AND (OLD.state <> 'open' OR NEW.state IN ('open', 'closed', 'cancelled'))
        AND (OLD.state NOT IN ('published', 'cancelled', 'refused') OR NEW.state = OLD.state)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was promised when the poll was announced or opened does not change'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'polls_keep_their_word';
END $$
""",
    """
CREATE TRIGGER keep_their_word BEFORE UPDATE OR DELETE ON polls
    FOR EACH ROW EXECUTE FUNCTION polls_keep_their_word()
""",
)

ROLL_GUARD: Sequence[str] = (
    """
CREATE FUNCTION poll_roll_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    poll record;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        SELECT state, opened_at INTO poll FROM polls
            WHERE community_id = NEW.community_id AND id = NEW.poll_id;
        IF TG_OP = 'INSERT' THEN
            IF poll.opened_at IS NULL OR (poll.state = 'open' AND NEW.objection_id IS NOT NULL)
            THEN RETURN NEW; END IF;
        ELSIF poll.state = 'open' AND OLD.struck_by_id IS NULL AND NEW.struck_by_id IS NOT NULL
            AND to_jsonb(NEW) - 'struck_by_id' = to_jsonb(OLD) - 'struck_by_id'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the roll of a poll was frozen when it opened'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'poll_roll_is_frozen';
END $$
""",
    """
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON poll_entries
    FOR EACH ROW EXECUTE FUNCTION poll_roll_is_frozen()
""",
)

VOTER_GUARD: Sequence[str] = (
    """
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON poll_voters
    FOR EACH ROW EXECUTE FUNCTION poll_roll_is_frozen()
""",
)

BALLOT_GUARD: Sequence[str] = (
    """
CREATE FUNCTION poll_ballots_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.entry_id = OLD.entry_id AND NEW.poll_id = OLD.poll_id
        AND EXISTS (SELECT FROM polls WHERE community_id = OLD.community_id AND id = OLD.poll_id
                    AND state = 'open')
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a ballot is never deleted, and never changed after the close'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'poll_ballots_are_counted';
END $$
""",
    """
CREATE TRIGGER counted BEFORE UPDATE OR DELETE ON poll_ballots
    FOR EACH ROW EXECUTE FUNCTION poll_ballots_are_counted()
""",
)
