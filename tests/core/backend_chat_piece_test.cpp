// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/chat_piece.h"
#include "core/base/text.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <random>

using namespace scrit;
using scrit::backend::ChatPiece;
using scrit::backend::readChatPiece;
using Json = nlohmann::json;

namespace {

const std::vector<std::string> kChunks{
    // moc stumbles over these escapes in a raw string. NOLINTNEXTLINE: one string in three lines
    "{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\"a\\n\\\"b\\\" \\\\ "
    "\\u00e9\\/\"},\"finish_reason\":null}],\"usage\":null}",
    R"( { "choices" : [ { "delta" : { "role":"assistant", "content" : null, "reasoning_content":"hm" } , "logprobs":null, "finish_reason" : "stop" }, {"delta":{"content":"second"}} ] } )",
    R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":-3,"details":{"x":[1,2.5e-3,true,{"y":[]}]}}})",
    R"({"error":null,"model":"q","choices":[{"delta":{}}]})",
    R"({"model":7,"choices":"none"})",
    R"({})",
};

// What a full parser finds in the same text; nothing where it is no object.
std::optional<ChatPiece> byTree(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    const auto child = [](const Json& object, const char* key) {
        return object.is_object() && object.contains(key) ? object[key] : Json();
    };
    const auto string = [](const Json& value) {
        return value.is_string() ? value.get<std::string>() : std::string{};
    };
    ChatPiece piece;
    piece.model = string(child(json, "model"));
    const Json usage = child(json, "usage");
    piece.hasUsage = usage.is_object();
    for (auto [key, target] : {std::pair("prompt_tokens", &piece.promptTokens),
                               std::pair("completion_tokens", &piece.completionTokens)}) {
        if (const Json count = child(usage, key); count.is_number_integer()) {
            *target = count.get<std::int64_t>();
        }
    }
    const Json choices = child(json, "choices");
    if (choices.is_array() && !choices.empty()) {
        piece.hasChoice = true;
        const Json delta = child(choices[0], "delta");
        piece.content = string(child(delta, "content"));
        piece.reasoning = string(child(delta, "reasoning_content"));
        piece.finishReason = string(child(choices[0], "finish_reason"));
    }
    return piece;
}

bool same(const ChatPiece& a, const ChatPiece& b) {
    return a.model == b.model && a.content == b.content && a.reasoning == b.reasoning &&
           a.finishReason == b.finishReason && a.hasChoice == b.hasChoice &&
           a.hasUsage == b.hasUsage && a.promptTokens == b.promptTokens &&
           a.completionTokens == b.completionTokens;
}

} // namespace

class BackendChatPieceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsWhatAFullParserReads() {
        for (const std::string& chunk : kChunks) {
            const auto piece = readChatPiece(chunk, "delta");
            QVERIFY2(piece.has_value(), chunk.c_str());
            QVERIFY2(same(*piece, *byTree(chunk)), chunk.c_str());
        }
        QCOMPARE(readChatPiece(kChunks[0], "delta")->content, std::string("a\n\"b\" \\ é/"));
        QVERIFY(readChatPiece(kChunks[0], "message")->content.empty());
    }

    void leavesTheRestToTheFullParser_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const char* text) {
            QTest::newRow(name) << QByteArray(text);
        };
        row("error", R"({"error":{"message":"no"}})");
        row("log probabilities", R"({"choices":[{"logprobs":{"content":[]}}]})");
        row("fractional tokens", R"({"usage":{"prompt_tokens":1.5}})");
        row("surrogates", R"({"choices":[{"delta":{"content":"\ud83d\ude00"}}]})");
        row("escaped key", R"({"ch\u006fices":[]})");
        row("not an object", R"([1])");
        row("two values", R"({} {})");
        row("nothing", "");
    }
    void leavesTheRestToTheFullParser() {
        QFETCH(QByteArray, text);
        QVERIFY(!readChatPiece(text.toStdString(), "delta").has_value());
    }

    void acceptsNothingThatIsCut() {
        for (const std::string& chunk : kChunks) {
            const std::size_t last = chunk.rfind('}');
            for (std::size_t size = 0; size <= last; ++size) {
                QVERIFY(!readChatPiece(std::string_view(chunk).substr(0, size), "delta"));
            }
        }
        QVERIFY(!readChatPiece(std::string(100'000, '['), "delta"));
        QVERIFY(!readChatPiece("{\"a\":" + std::string(100'000, '['), "delta"));
    }

    // Whatever it accepts, a full parser accepts and reads the same.
    void agreesOnDamagedText() {
        std::mt19937 random(1);
        int accepted = 0;
        for (int round = 0; round < 20'000; ++round) {
            std::string text = kChunks[random() % kChunks.size()];
            for (unsigned damage = 0; damage <= random() % 2; ++damage) {
                constexpr std::string_view kBytes = "\"\\{}[]:,0-.eEu n\x01";
                text[random() % text.size()] = kBytes[random() % kBytes.size()];
            }
            if (const auto piece = readChatPiece(text, "delta")) {
                ++accepted;
                const auto tree = byTree(text);
                QVERIFY2(tree.has_value() && same(*piece, *tree), text.c_str());
            }
        }
        QVERIFY(accepted > 100);
    }

    void writesStrings() {
        for (const std::string& text :
             {std::string("plain"), std::string("a\"b\\c\n\t\b\f\r\x01\x1f é 😀"), std::string(),
              std::string("nul\0x", 5), std::string("bad \xff\xc3 and \xe2\x82 good é")}) {
            std::string ours;
            backend::appendJsonString(ours, text);
            const Json read = Json::parse(ours, nullptr, false);
            QVERIFY2(read.is_string(), ours.c_str());
            if (base::isValidUtf8(text)) {
                QCOMPARE(read.get<std::string>(), text);
                QCOMPARE(ours, Json(text).dump());
            } else {
                QVERIFY(read.get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
                QVERIFY(read.get<std::string>().ends_with(" good é"));
            }
        }
    }
};

SCRIT_TEST(BackendChatPieceTest)
#include "backend_chat_piece_test.moc"
