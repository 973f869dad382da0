// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/chat_rows.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <optional>

namespace scrit::train {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestRow = std::size_t{64} << 20U;

std::optional<ChatRow> rowOf(const std::string& line) {
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains("messages") || !object["messages"].is_array()) {
        return std::nullopt;
    }
    ChatRow row;
    bool answered = false;
    for (const json& message : object["messages"]) {
        const bool readable = message.is_object() && message.contains("role") &&
                              message.contains("content") && message["role"].is_string() &&
                              message["content"].is_string();
        if (!readable) {
            return std::nullopt;
        }
        const std::string role = message["role"];
        if (role == "user") {
            row.user = message["content"];
            answered = false;
        } else if (role == "assistant") {
            row.assistant = message["content"];
            answered = true;
        }
    }
    return answered ? std::optional(std::move(row)) : std::nullopt;
}

} // namespace

base::Expected<void>
forEachChatRow(const std::filesystem::path& file,
               const std::function<base::Expected<void>(const ChatRow& row)>& take) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return base::fail(base::systemError(errno, "cannot read", file.string()));
    }
    std::string line;
    for (std::uint64_t number = 1; std::getline(stream, line); ++number) {
        if (line.empty()) {
            continue;
        }
        const std::string where = file.filename().string() + ", line " + std::to_string(number);
        const std::optional<ChatRow> row = line.size() <= kLongestRow ? rowOf(line) : std::nullopt;
        if (!row) {
            return base::fail(base::ErrorCode::Parse, where + " is no row of the view openai-chat",
                              "export the data set again");
        }
        if (const base::Expected<void> taken = take(*row); !taken) {
            return base::fail(taken.error().withContext(where));
        }
    }
    if (stream.bad()) {
        return base::fail(base::systemError(EIO, "cannot read", file.string()));
    }
    return {};
}

} // namespace scrit::train
