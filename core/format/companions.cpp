// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/companions.h"

namespace scrit::format {

void writeMessage(JsonWriter& writer, std::string_view role, std::string_view content) {
    writer.beginObject().member("role", role).member("content", content).endObject();
}

std::pair<std::string, std::string> datasetInfo(std::string_view datasetName,
                                                const std::vector<View::FileOfSplit>& files,
                                                std::string_view shape) {
    std::string text = "{";
    for (const View::FileOfSplit& file : files) {
        text += text.size() > 1 ? ",\n  " : "\n  ";
        appendJsonString(text, std::string(datasetName) + "_" + file.split);
        text += ": {\"file_name\": ";
        appendJsonString(text, file.name);
        text += "," + std::string(shape) + "}";
    }
    return {"dataset_info.json", text + "\n}\n"};
}

std::string pythonLoading() {
    return "```python\nfrom datasets import load_dataset\n\ndata = load_dataset(\"NAME\")\n```\n";
}

} // namespace scrit::format
