// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// TRL's conversational prompt-completion form: the loss is on the completion alone.
class TrlPromptCompletionView final : public ChatView {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"trl-prompt-completion",
                                   "prompt and completion as messages, for TRL's SFTTrainer",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"critique", "conclusion", "correction"},
                                   false};
        return info;
    }

    std::string_view columns() const override {
        return "{prompt: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]', "
               "completion: 'STRUCT(\"role\" VARCHAR, \"content\" VARCHAR)[]'}";
    }

    std::string loading() const override {
        return "```python\nfrom datasets import load_dataset\nfrom trl import SFTTrainer\n\n"
               "data = load_dataset(\"NAME\")\ntrainer = SFTTrainer(model=MODEL, "
               "train_dataset=data[\"train\"])\n```\n";
    }

protected:
    void write(std::string& row, const ChatExample& example) const override {
        JsonWriter writer(row);
        writer.beginObject().key("prompt").beginArray();
        writeMessage(writer, "system", example.prompt->system);
        writeMessage(writer, "user", example.user);
        writer.endArray().key("completion").beginArray();
        writeMessage(writer, "assistant", example.target);
        writer.endArray().endObject();
    }
};

} // namespace

const View& trlPromptCompletionView() {
    static const TrlPromptCompletionView view;
    return view;
}

} // namespace scrit::format
