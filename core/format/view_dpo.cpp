// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// TRL's conversational preference form with an explicit prompt. Both sides criticise one solution
// and have a complete target each; who is chosen and rejected is the caller's business.
class DpoView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{
            "dpo",
            "pairs of critiques of one solution, chosen and rejected, for TRL's DPOTrainer",
            "jsonl",
            {"problem", "solution"},
            {"critique", "conclusion", "correction"},
            true};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        base::Expected<ChatExample> example = chatExample(item);
        return example ? base::Expected<std::string>(std::move(example->target))
                       : base::fail(example.error());
    }

    std::optional<std::string> gap(const ExportItem& item) const override {
        return targetGap(item.critique);
    }

    base::Expected<std::string> renderPair(const ExportItem& chosen,
                                           const ExportItem& rejected) const override {
        const base::Expected<ChatExample> good = chatExample(chosen);
        const base::Expected<ChatExample> bad = chatExample(rejected);
        if (!good || !bad) {
            return base::fail(good ? bad.error() : good.error());
        }
        if (good->user != bad->user) {
            return base::fail(base::ErrorCode::Invalid, "not-one-solution");
        }
        if (good->target == bad->target) {
            return base::fail(base::ErrorCode::Invalid, "same-target");
        }
        std::string row;
        row.reserve(good->prompt->system.size() + good->user.size() + good->target.size() +
                    bad->target.size() + 1024);
        JsonWriter writer(row);
        writer.beginObject().key("prompt").beginArray();
        writeMessage(writer, "system", good->prompt->system);
        writeMessage(writer, "user", good->user);
        writer.endArray().key("chosen").beginArray();
        writeMessage(writer, "assistant", good->target);
        writer.endArray().key("rejected").beginArray();
        writeMessage(writer, "assistant", bad->target);
        writer.endArray().endObject();
        return row;
    }

    base::Expected<std::vector<Turn>> turns(const ExportItem& item,
                                            const ExportItem* rejected) const override {
        base::Expected<ChatExample> good = chatExample(item);
        if (!good) {
            return base::fail(good.error());
        }
        std::vector<Turn> turns{{"system", good->prompt->system, false},
                                {"user", std::move(good->user), false},
                                {"chosen", std::move(good->target), true}};
        if (rejected != nullptr) {
            base::Expected<ChatExample> bad = chatExample(*rejected);
            if (!bad) {
                return base::fail(bad.error());
            }
            turns.push_back({"rejected", std::move(bad->target), true});
        }
        return turns;
    }

    std::vector<std::string> promptHashes() const override {
        const auto prompt = ChatPrompt::shipped();
        return prompt ? std::vector<std::string>{(*prompt)->hash} : std::vector<std::string>{};
    }

    bool rendersTarget() const override { return true; }

    std::string_view columns() const override {
        return "{prompt: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]', "
               "chosen: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]', "
               "rejected: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]'}";
    }

    std::string loading() const override {
        return "```python\nfrom datasets import load_dataset\nfrom trl import DPOTrainer\n\n"
               "data = load_dataset(\"NAME\")\ntrainer = DPOTrainer(model=MODEL, "
               "train_dataset=data[\"train\"])\n```\n";
    }
};

} // namespace

const View& dpoView() {
    static const DpoView view;
    return view;
}

} // namespace scrit::format
