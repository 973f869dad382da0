// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// ProcessBench's form with the critique's verdict as label; the final answer by what is known about
// the solution (a recorded label before an answer match), null when nothing is.
class ProcessbenchView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{
            "processbench",
            "steps with the first wrong one by the critique (from 0, -1 = none)",
            "jsonl",
            {"problem", "solution"},
            {"label", "final_answer_correct"}};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        const std::optional<int> firstError = item.critique.parsed.firstErrorStep;
        if (!firstError) {
            return base::fail(base::ErrorCode::Invalid, "no-first-error-step");
        }
        using model::SubjectKind;
        std::optional<model::Outcome> right =
            outcomeOf(item, SubjectKind::Solution, model::verifier::kLabel, "label/answer");
        if (!right) {
            right = outcomeOf(item, SubjectKind::Solution, model::verifier::kAnswerMatch);
        }
        std::string row;
        JsonWriter writer(row);
        writer.beginObject()
            .member("id", item.solution.externalId)
            .member("generator", item.solution.author)
            .member("problem", problemForReader(item.problem))
            .key("steps")
            .beginArray();
        for (const base::Span step : item.solution.steps) {
            writer.value(base::slice(item.solution.text, step));
        }
        writer.endArray().key("final_answer_correct");
        if (right && *right != model::Outcome::Undecided) {
            writer.value(*right == model::Outcome::Yes);
        } else {
            writer.null();
        }
        writer.member("label", *firstError).member("source", item.problem.source).endObject();
        return row;
    }
};

} // namespace

const View& processbenchView() {
    static const ProcessbenchView view;
    return view;
}

} // namespace scrit::format
