// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/judgement.h"
#include "core/review/plan.h"
#include "core/review/rescorer.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::review {

enum class ItemState { Open, Done, Skipped };         // for one annotator
[[nodiscard]] std::string_view name(ItemState state); // open, done, skipped

// The answer of a gold item beside the reviewer's; only of one that was judged.
struct GoldResult {
    GoldAnswer known;
    std::optional<bool> right; // absent: the judgement says nothing that could be compared
};

// One place of a plan as its reviewer may see it.
struct Item {
    std::int64_t position = 0; // in the plan, from 0; never changes
    std::int64_t critiqueId = 0;
    std::int64_t solutionId = 0;
    std::int64_t problemId = 0;
    // Of the draw; told only once this reviewer has judged the item, because they give it away.
    std::string stratum;
    double weight = 1; // critiques that it stands for; 0: a gold item alone
    ItemState state = ItemState::Open;
    // Hide what machines say (verdicts, flags, other reviewers, labels): the plan is blind and this
    // reviewer has not judged the item yet.
    bool hideVerdicts = false;
    std::optional<Judgement> mine; // in force
    std::optional<GoldResult> gold;
};

// How far somebody is.
struct Progress {
    std::int64_t items = 0;
    std::int64_t done = 0;     // by this annotator
    std::int64_t skipped = 0;  // by this annotator, to come back to
    std::int64_t anyone = 0;   // judged by at least one person
    std::int64_t goldSeen = 0; // gold items that this annotator has judged
    std::int64_t goldRight = 0;
};

// What became of a judgement; what may be shown once it is stored.
struct Reveal {
    MachineOpinion machine;
    Difference difference;
};

struct Submitted {
    Item item; // as it is now, with the judgement
    Reveal reveal;
    Progress progress;
    std::optional<Item> next;  // where the session is now; nothing: no item is open
    std::int64_t rescored = 0; // verdicts added because the problem's answer changed
};

// One entry of the history, newest first: a judgement or a skip that was not taken back.
struct HistoryEntry {
    Item item;           // as it is now
    Reveal reveal;       // empty for a skip
    std::int64_t at = 0; // unix milliseconds
    bool skipped = false;
};

struct Undone {
    Item item; // as it is now; the session is there
    Progress progress;
    std::int64_t rescored = 0;
};

// One annotator at work on one plan: the position, and judgements that are stored as they come.
// Used by one thread at a time (Studio: a job thread of its own); owns a reader of the workspace
// and shares the workspace, whose write() serialises with other writers. Every call is a few
// look-ups by key, whatever the sizes of plan and workspace. submit(), skip() and undo() have
// committed (synchronous=FULL) when they return; a kill before leaves nothing of them. Errors:
// those of the workspace; ReadOnly.
class Session {
public:
    // `plan` as for findPlan(). The session begins at the first open item after the one judged
    // last. Invalid: a name that is empty, longer than 200 bytes or that of an adjudicator. Without
    // a rescorer, submit() refuses judgements that repair an answer.
    [[nodiscard]] static base::Expected<std::unique_ptr<Session>>
    open(std::shared_ptr<store::Workspace> workspace, std::string_view plan,
         std::string_view annotator, Rescorer rescorer = {});
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] const Plan& plan() const;
    [[nodiscard]] const std::string& annotator() const;
    [[nodiscard]] base::Expected<Progress> progress();

    // Where the session is; nothing when every item is judged or skipped at its start and no one
    // has moved since.
    [[nodiscard]] base::Expected<std::optional<Item>> current();
    // Moves to the first open item after the current one, else from the start of the plan; nothing,
    // and no move, when none is open (skipped ones are not).
    [[nodiscard]] base::Expected<std::optional<Item>> next();
    // Moves one place back, whatever its state; nothing at the first.
    [[nodiscard]] base::Expected<std::optional<Item>> previous();
    // Moves to a place; NotFound.
    [[nodiscard]] base::Expected<Item> goTo(std::int64_t position);
    // Moves to the first skipped item after the current one, else from the start; nothing when none
    // is.
    [[nodiscard]] base::Expected<std::optional<Item>> nextSkipped();
    // The items that next() would give one after the other if each was judged; moves nothing.
    [[nodiscard]] base::Expected<std::vector<Item>> upcoming(int count);
    // Places of the plan in order, from one on (limit 0: all), without what was judged there.
    [[nodiscard]] base::Expected<std::vector<Item>> items(std::int64_t from, int limit);
    // The place of a critique in the plan.
    [[nodiscard]] base::Expected<std::optional<std::int64_t>> positionOf(std::int64_t critiqueId);

    // Stores the judgement of one place, in place of an earlier one of this annotator, and moves to
    // the next open item. Judging a place that is not the current one is how history is edited.
    // Invalid (see checkJudgement; agreement with hidden verdicts), NotFound.
    [[nodiscard]] base::Expected<Submitted> submit(std::int64_t position,
                                                   const Judgement& judgement);
    // Marks a place as skipped and moves on; Invalid when it is judged.
    [[nodiscard]] base::Expected<Submitted> skip(std::int64_t position);
    // Takes back the newest judgement or skip of this annotator in this plan that was not taken
    // back yet, and moves there; again for the one before. Nothing when there is none left.
    [[nodiscard]] base::Expected<std::optional<Undone>> undo();
    // The newest judgements and skips of this annotator in this plan, one for each place.
    [[nodiscard]] base::Expected<std::vector<HistoryEntry>> history(int count);
    // What machines say about an item; NotFound while it must be hidden.
    [[nodiscard]] base::Expected<Reveal> reveal(std::int64_t position);

private:
    struct State;
    explicit Session(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

// How far each annotator of a plan is, by name.
[[nodiscard]] base::Expected<std::vector<std::pair<std::string, Progress>>>
progressOfAll(store::Reader& reader, const Plan& plan);

} // namespace scrit::review
