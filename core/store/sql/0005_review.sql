-- SPDX-License-Identifier: GPL-3.0-or-later

-- An annotation has an identity that it keeps in every workspace it is merged into, so that merging is a
-- union of rows. `supersedes` follows `supersedes_uid` as soon as both rows are here. Rows from before have
-- one made of what copies of this workspace share.
ALTER TABLE annotation ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE annotation ADD COLUMN supersedes_uid TEXT;
ALTER TABLE annotation ADD COLUMN entry_uid TEXT; -- of the review_entry it was made in
UPDATE annotation SET uid = printf('0-%d-%d', created_at, id);
UPDATE annotation SET supersedes_uid = (SELECT s.uid FROM annotation s WHERE s.id = annotation.supersedes)
WHERE supersedes IS NOT NULL;
CREATE UNIQUE INDEX annotation_uid ON annotation (uid);
CREATE INDEX annotation_waiting ON annotation (supersedes_uid)
    WHERE supersedes IS NULL AND supersedes_uid IS NOT NULL;
CREATE INDEX annotation_entry ON annotation (entry_uid) WHERE entry_uid IS NOT NULL;

-- The reference answer as people have repaired it, "" when it is wrong and none is known to be right; NULL:
-- what the data set says counts.
ALTER TABLE problem_row ADD COLUMN answer TEXT;
UPDATE problem_row SET answer =
    (SELECT a.value FROM annotation a WHERE a.subject_kind = 0 AND a.subject_id = problem_row.id
     AND a.kind = 'answer' AND NOT EXISTS (SELECT 1 FROM annotation s WHERE s.supersedes = a.id)
     ORDER BY a.created_at DESC, a.id DESC LIMIT 1)
WHERE id IN (SELECT subject_id FROM annotation WHERE subject_kind = 0 AND kind = 'answer');

-- Plans are found by name here and by uid in other workspaces. `done` counts items that somebody has judged
-- (review_item.state is 'done' for them).
ALTER TABLE review_plan ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE review_plan ADD COLUMN items INTEGER NOT NULL DEFAULT 0;
ALTER TABLE review_plan ADD COLUMN gold_items INTEGER NOT NULL DEFAULT 0;
ALTER TABLE review_plan ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
UPDATE review_plan SET uid = printf('0-%d-%d', created_at, id);
UPDATE review_plan SET name = printf('%s (%d)', name, id)
WHERE id NOT IN (SELECT min(id) FROM review_plan GROUP BY name);
UPDATE review_item SET state = 'open';
UPDATE review_plan SET
    items = (SELECT count(*) FROM review_item i WHERE i.plan_id = review_plan.id),
    gold_items = (SELECT count(*) FROM review_item i WHERE i.plan_id = review_plan.id AND i.gold <> '');
CREATE UNIQUE INDEX review_plan_uid ON review_plan (uid);
CREATE UNIQUE INDEX review_plan_name ON review_plan (name);
CREATE INDEX review_item_subject ON review_item (plan_id, subject_kind, subject_id);

-- What somebody did at a place of a plan, append-only: a judgement or a skip, or an undo of an earlier entry.
-- `standing` is 1 for judgements and skips that no undo takes back.
CREATE TABLE review_entry (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    plan_id INTEGER NOT NULL REFERENCES review_plan,
    position INTEGER NOT NULL,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    kind TEXT NOT NULL CHECK (kind IN ('judge', 'skip', 'undo')),
    undoes_uid TEXT,
    standing INTEGER NOT NULL CHECK (standing IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX review_entry_standing ON review_entry (plan_id, annotator_id, created_at, id)
    WHERE standing = 1;
CREATE INDEX review_entry_place ON review_entry (plan_id, annotator_id, position) WHERE standing = 1;
CREATE INDEX review_entry_undo ON review_entry (undoes_uid) WHERE undoes_uid IS NOT NULL;

-- Derived from review_entry in the same transaction: where each annotator stands.
CREATE TABLE review_mark (
    plan_id INTEGER NOT NULL REFERENCES review_plan,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'skipped')),
    entry_id INTEGER NOT NULL REFERENCES review_entry, -- the newest standing judgement, else skip
    gold INTEGER CHECK (gold IN (0, 1, 2)), -- of a judged gold item: 0 wrong, 1 right, 2 cannot be compared
    PRIMARY KEY (plan_id, annotator_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_mark_skipped ON review_mark (plan_id, annotator_id, position)
    WHERE state = 'skipped';
CREATE INDEX review_mark_place ON review_mark (plan_id, position) WHERE state = 'done';
CREATE TABLE review_progress (
    plan_id INTEGER NOT NULL REFERENCES review_plan,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    position INTEGER NOT NULL DEFAULT -1, -- of the newest judgement or skip
    done INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    gold_seen INTEGER NOT NULL DEFAULT 0,
    gold_right INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (plan_id, annotator_id)
) STRICT, WITHOUT ROWID;
