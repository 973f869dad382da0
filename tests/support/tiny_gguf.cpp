// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tiny_gguf.h"

#include "core/base/atomic_file.h"
#include "core/base/text.h"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::testing {
namespace {

// GGUF version 3, little endian: header, metadata, tensor descriptions, aligned tensor data.
constexpr std::uint32_t kWidth = 64;
constexpr std::uint32_t kHidden = 128;
constexpr std::uint32_t kLayers = 2;
constexpr std::uint32_t kHeads = 4;
constexpr std::uint32_t kContext = 8192;
constexpr std::size_t kAlignment = 32;

enum class ValueType : std::uint32_t { U32 = 4, I32 = 5, F32 = 6, String = 8, Array = 9 };

class Bytes {
public:
    void u32(std::uint32_t value) { little(value, 4); }
    void u64(std::uint64_t value) { little(value, 8); }
    void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
    void string(std::string_view text) {
        u64(text.size());
        m_bytes.append(text);
    }
    void align() { m_bytes.append((kAlignment - m_bytes.size() % kAlignment) % kAlignment, '\0'); }
    void append(const Bytes& other) { m_bytes += other.m_bytes; }
    [[nodiscard]] const std::string& text() const { return m_bytes; }

private:
    void little(std::uint64_t value, int size) {
        for (int i = 0; i < size; ++i) {
            m_bytes += static_cast<char>(static_cast<unsigned char>(value & 0xFFU));
            value >>= 8U;
        }
    }
    std::string m_bytes;
};

class Metadata {
public:
    void number(std::string_view key, std::uint32_t value) {
        begin(key, ValueType::U32);
        m_bytes.u32(value);
    }
    void real(std::string_view key, float value) {
        begin(key, ValueType::F32);
        m_bytes.f32(value);
    }
    void string(std::string_view key, std::string_view value) {
        begin(key, ValueType::String);
        m_bytes.string(value);
    }
    void strings(std::string_view key, const std::vector<std::string>& values) {
        begin(key, ValueType::Array);
        m_bytes.u32(static_cast<std::uint32_t>(ValueType::String));
        m_bytes.u64(values.size());
        for (const std::string& value : values) {
            m_bytes.string(value);
        }
    }
    void integers(std::string_view key, const std::vector<std::uint32_t>& values) {
        begin(key, ValueType::Array);
        m_bytes.u32(static_cast<std::uint32_t>(ValueType::I32));
        m_bytes.u64(values.size());
        for (const std::uint32_t value : values) {
            m_bytes.u32(value);
        }
    }
    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] const Bytes& bytes() const { return m_bytes; }

private:
    void begin(std::string_view key, ValueType type) {
        m_bytes.string(key);
        m_bytes.u32(static_cast<std::uint32_t>(type));
        ++m_count;
    }
    Bytes m_bytes;
    std::uint64_t m_count = 0;
};

class Tensors {
public:
    // Random weights of the given spread, or all ones when the spread is 0 (norms).
    void add(std::string_view name, const std::vector<std::uint64_t>& shape, float spread) {
        m_infos.string(name);
        m_infos.u32(static_cast<std::uint32_t>(shape.size()));
        std::uint64_t size = 1;
        for (const std::uint64_t extent : shape) {
            m_infos.u64(extent);
            size *= extent;
        }
        m_infos.u32(0); // F32
        m_data.align();
        m_infos.u64(m_data.text().size());
        for (std::uint64_t i = 0; i < size; ++i) {
            m_random = m_random * 6364136223846793005U + 1442695040888963407U;
            const float unit = static_cast<float>(m_random >> 40U) / 8388608.0F - 1.0F;
            m_data.f32(spread == 0 ? 1.0F : unit * spread);
        }
        ++m_count;
    }
    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] const Bytes& infos() const { return m_infos; }
    [[nodiscard]] const Bytes& data() const { return m_data; }

private:
    Bytes m_infos;
    Bytes m_data;
    std::uint64_t m_count = 0;
    std::uint64_t m_random = 20250102;
};

// GPT-2's reversible map of bytes to printable characters.
std::vector<std::string> byteTokens() {
    std::vector<std::string> tokens;
    char32_t next = 256;
    for (char32_t byte = 0; byte < 256; ++byte) {
        const bool printable =
            (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        std::string token;
        base::appendUtf8(token, printable ? byte : next++);
        tokens.push_back(token);
    }
    return tokens;
}

Metadata metadata(const std::vector<std::string>& tokens, const std::vector<std::uint32_t>& types) {
    Metadata data;
    data.string("general.architecture", "llama");
    data.string("general.name", "tiny-random");
    data.number("llama.context_length", kContext);
    data.number("llama.embedding_length", kWidth);
    data.number("llama.block_count", kLayers);
    data.number("llama.feed_forward_length", kHidden);
    data.number("llama.attention.head_count", kHeads);
    data.number("llama.rope.dimension_count", kWidth / kHeads);
    data.real("llama.attention.layer_norm_rms_epsilon", 1e-5F);
    data.string("tokenizer.ggml.model", "gpt2");
    data.string("tokenizer.ggml.pre", "default");
    data.strings("tokenizer.ggml.tokens", tokens);
    data.integers("tokenizer.ggml.token_type", types);
    data.strings("tokenizer.ggml.merges", {"t h"});
    data.number("tokenizer.ggml.bos_token_id", 257);
    data.number("tokenizer.ggml.eos_token_id", 258);
    data.string("tokenizer.chat_template",
                "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
                "<|im_end|>\n{% endfor %}<|im_start|>assistant\n");
    return data;
}

base::Expected<void> writeGguf(const std::filesystem::path& path, const Metadata& data,
                               const Tensors& tensors) {
    Bytes file;
    file.u32(0x46554747); // "GGUF"
    file.u32(3);
    file.u64(tensors.count());
    file.u64(data.count());
    file.append(data.bytes());
    file.append(tensors.infos());
    file.align();
    file.append(tensors.data());

    base::Expected<base::AtomicFile> out = base::AtomicFile::create(path);
    if (!out) {
        return base::fail(std::move(out.error()));
    }
    if (base::Expected<void> written = out->write(file.text()); !written) {
        return written;
    }
    return out->commit();
}

} // namespace

base::Expected<void> writeTinyGguf(const std::filesystem::path& path) {
    std::vector<std::string> tokens = byteTokens();
    std::vector<std::uint32_t> types(tokens.size(), 1); // normal
    for (const char* extra : {"th", "<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"}) {
        tokens.emplace_back(extra);
        types.push_back(tokens.size() == 257 ? 1 : 3); // the others are control tokens
    }
    const Metadata data = metadata(tokens, types);

    Tensors tensors;
    tensors.add("token_embd.weight", {kWidth, tokens.size()}, 0.5F);
    for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
        const std::string block = "blk." + std::to_string(layer) + ".";
        tensors.add(block + "attn_norm.weight", {kWidth}, 0);
        for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
            tensors.add(block + name + ".weight", {kWidth, kWidth}, 0.2F);
        }
        tensors.add(block + "ffn_norm.weight", {kWidth}, 0);
        tensors.add(block + "ffn_gate.weight", {kWidth, kHidden}, 0.2F);
        tensors.add(block + "ffn_up.weight", {kWidth, kHidden}, 0.2F);
        tensors.add(block + "ffn_down.weight", {kHidden, kWidth}, 0.2F);
    }
    tensors.add("output_norm.weight", {kWidth}, 0);
    tensors.add("output.weight", {kWidth, tokens.size()}, 0.5F);

    return writeGguf(path, data, tensors);
}

base::Expected<void> writeTinyLora(const std::filesystem::path& path) {
    constexpr std::uint32_t kRank = 4;
    Metadata data;
    data.string("general.type", "adapter");
    data.string("general.architecture", "llama");
    data.string("adapter.type", "lora");
    data.real("adapter.lora.alpha", 64);
    Tensors tensors;
    for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
        const std::string name = "blk." + std::to_string(layer) + ".attn_q.weight";
        tensors.add(name + ".lora_a", {kWidth, kRank}, 0.5F);
        tensors.add(name + ".lora_b", {kRank, kWidth}, 0.5F);
    }
    return writeGguf(path, data, tensors);
}

} // namespace scrit::testing
