// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/chat_example.h"
#include "core/format/companions.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

namespace scrit::format {
namespace {

// Instruction, input and output. The whole user turn is the instruction and the input is empty, so
// that a trainer makes the very prompt of inference of them.
class AlpacaView final : public ChatView {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"alpaca",
                                   "instruction, input, output and system, for LLaMA-Factory",
                                   "jsonl",
                                   {"problem", "solution"},
                                   {"critique", "conclusion", "correction"},
                                   false};
        return info;
    }

    std::string_view columns() const override {
        return "{instruction: 'VARCHAR', input: 'VARCHAR', output: 'VARCHAR', system: 'VARCHAR'}";
    }

    std::string loading() const override {
        return "For LLaMA-Factory point `dataset_dir` at this folder and name a data set of "
               "`dataset_info.json`:\n\n```yaml\ndataset_dir: NAME\ndataset: NAME_train\n```\n\n" +
               pythonLoading();
    }

    std::vector<std::pair<std::string, std::string>>
    companions(std::string_view datasetName, const std::vector<FileOfSplit>& files) const override {
        return {datasetInfo(datasetName, files,
                            R"("columns":{"prompt":"instruction","query":"input",)"
                            R"("response":"output","system":"system"})")};
    }

protected:
    void write(std::string& row, const ChatExample& example) const override {
        JsonWriter(row)
            .beginObject()
            .member("instruction", example.user)
            .member("input", "")
            .member("output", example.target)
            .member("system", example.prompt->system)
            .endObject();
    }
};

} // namespace

const View& alpacaView() {
    static const AlpacaView view;
    return view;
}

} // namespace scrit::format
