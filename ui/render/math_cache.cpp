// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_cache.h"

#include "core/base/hash.h"

#include <QCoreApplication>
#include <QDataStream>
#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QVector>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

namespace scrit::ui::render {

std::size_t MathKeyHash::operator()(const MathKey& key) const noexcept {
    return std::hash<std::string>()(key.tex) * 2 + (key.display ? 1 : 0);
}

MathResultPtr MathMemoryCache::find(const MathKey& key) {
    const auto found = m_index.find(key);
    if (found == m_index.end()) {
        return nullptr;
    }
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return found->second->result;
}

void MathMemoryCache::insert(const MathKey& key, MathResultPtr result) {
    if (const auto found = m_index.find(key); found != m_index.end()) {
        m_bytes -= found->second->bytes;
        m_entries.erase(found->second);
        m_index.erase(found);
    }
    // Key twice (list and index), result, and about what the containers need.
    const std::size_t bytes = 2 * key.tex.capacity() + result->list.bytes() +
                              static_cast<std::size_t>(result->error.size()) * sizeof(QChar) +
                              sizeof(MathResult) + 160;
    m_entries.push_front({key, std::move(result), bytes});
    m_index.emplace(key, m_entries.begin());
    m_bytes += bytes;
    while (m_bytes > m_maxBytes && m_entries.size() > 1) {
        m_bytes -= m_entries.back().bytes;
        m_index.erase(m_entries.back().key);
        m_entries.pop_back();
    }
}

namespace {

constexpr quint32 kMagic = 0x53434d4c; // "SCML"
constexpr quint32 kFormat = 1;
constexpr qint64 kMaxFileBytes = 4 * 1024 * 1024;

void setUp(QDataStream& stream) {
    stream.setVersion(QDataStream::Qt_6_4);
    stream.setFloatingPointPrecision(QDataStream::DoublePrecision);
}

// Outlines are written once per formula and referred to by their number.
void writeOps(QDataStream& out, const DisplayList& list) {
    QVector<QByteArray> outlines;
    std::unordered_map<const GlyphPath*, qint32> numbers;
    for (const DrawOp& op : list.ops) {
        if (op.path &&
            numbers.emplace(op.path.get(), static_cast<qint32>(outlines.size())).second) {
            outlines.append(QByteArray::fromStdString(op.path->data));
        }
    }
    out << outlines << static_cast<quint32>(list.ops.size());
    for (const DrawOp& op : list.ops) {
        out << static_cast<quint8>(op.kind) << op.dashed << op.clip << op.transform << op.rect
            << op.strokeWidth << op.textSize << (op.path ? numbers.at(op.path.get()) : qint32{-1})
            << op.text << op.color;
    }
}

bool readOps(QDataStream& in, DisplayList& list) {
    QVector<QByteArray> outlines;
    quint32 count = 0;
    in >> outlines >> count;
    if (in.status() != QDataStream::Ok || count > kMaxOps) {
        return false;
    }
    std::vector<std::shared_ptr<const GlyphPath>> paths;
    for (const QByteArray& outline : outlines) {
        paths.push_back(glyphPath({outline.constData(), static_cast<std::size_t>(outline.size())}));
    }
    list.ops.reserve(count);
    for (quint32 i = 0; i < count; ++i) {
        DrawOp op;
        quint8 kind = 0;
        qint32 path = -1;
        in >> kind >> op.dashed >> op.clip >> op.transform >> op.rect >> op.strokeWidth >>
            op.textSize >> path >> op.text >> op.color;
        const bool needsPath = kind == static_cast<quint8>(DrawOp::Kind::Glyph) ||
                               kind == static_cast<quint8>(DrawOp::Kind::Stroke);
        const bool hasPath = path >= 0 && static_cast<std::size_t>(path) < paths.size();
        if (in.status() != QDataStream::Ok || kind > static_cast<quint8>(DrawOp::Kind::Text) ||
            needsPath != hasPath || op.clip >= static_cast<qint32>(list.clips.size())) {
            return false;
        }
        op.kind = static_cast<DrawOp::Kind>(kind);
        if (hasPath) {
            op.path = paths[static_cast<std::size_t>(path)];
        }
        list.ops.push_back(std::move(op));
    }
    return true;
}

quint64 checksum(const QByteArray& bytes) {
    return base::hash64({bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

} // namespace

QByteArray encodeMathResult(const MathKey& key, const MathResult& result) {
    QByteArray body;
    {
        QDataStream out(&body, QIODevice::WriteOnly);
        setUp(out);
        out << QByteArray::fromStdString(key.tex) << key.display << result.error
            << result.list.width << result.list.ascent << result.list.descent
            << QVector<QRectF>(result.list.clips.begin(), result.list.clips.end());
        writeOps(out, result.list);
    }
    const QByteArray packed = qCompress(body, 1);
    QByteArray file;
    QDataStream out(&file, QIODevice::WriteOnly);
    setUp(out);
    out << kMagic << kFormat << checksum(packed) << packed;
    return file;
}

MathResultPtr decodeMathResult(const MathKey& key, const QByteArray& bytes) {
    QDataStream file(bytes);
    setUp(file);
    quint32 magic = 0;
    quint32 format = 0;
    quint64 sum = 0;
    QByteArray packed;
    file >> magic >> format >> sum >> packed;
    if (file.status() != QDataStream::Ok || magic != kMagic || format != kFormat ||
        sum != checksum(packed)) {
        return nullptr;
    }
    const QByteArray body = qUncompress(packed);
    QDataStream in(body);
    setUp(in);
    QByteArray tex;
    bool display = false;
    auto result = std::make_shared<MathResult>();
    QVector<QRectF> clips;
    in >> tex >> display >> result->error >> result->list.width >> result->list.ascent >>
        result->list.descent >> clips;
    if (in.status() != QDataStream::Ok || tex.toStdString() != key.tex || display != key.display) {
        return nullptr;
    }
    result->list.clips.assign(clips.begin(), clips.end());
    if (!readOps(in, result->list)) {
        return nullptr;
    }
    return result;
}

MathDiskCache::MathDiskCache(QString folder, const QString& version, qint64 maxBytes)
    : m_root(std::move(folder)),
      m_folder(m_root + QLatin1Char('/') + version + QStringLiteral("-%1").arg(kFormat)),
      m_maxBytes(maxBytes) {}

void MathDiskCache::open() {
    QDir().mkpath(m_folder);
    static const QRegularExpression isVersion(QStringLiteral("^[0-9a-f]{16}-[0-9]+$"));
    const QString own = QFileInfo(m_folder).fileName();
    for (const QFileInfo& other : QDir(m_root).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (other.fileName() != own && isVersion.match(other.fileName()).hasMatch()) {
            QDir(other.filePath()).removeRecursively();
        }
    }
    m_bytes = 0;
    QDirIterator files(m_folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        m_bytes += files.fileInfo().size();
    }
}

QString MathDiskCache::fileOf(const MathKey& key) const {
    const QString hash =
        QString::fromStdString(base::contentHash({key.tex, key.display ? "display" : "inline"}));
    return m_folder + QLatin1Char('/') + hash.left(2) + QLatin1Char('/') + hash.mid(2);
}

MathResultPtr MathDiskCache::load(const MathKey& key) {
    QFile file(fileOf(key));
    if (!file.open(QIODevice::ReadOnly)) {
        return nullptr;
    }
    MathResultPtr result;
    if (file.size() <= kMaxFileBytes) {
        result = decodeMathResult(key, file.readAll());
    }
    if (!result) {
        m_bytes -= file.size();
        file.close();
        file.remove();
    }
    return result;
}

void MathDiskCache::save(const MathKey& key, const MathResult& result) {
    const QByteArray bytes = encodeMathResult(key, result);
    if (bytes.size() > kMaxFileBytes) {
        return;
    }
    const QString path = fileOf(key);
    const qint64 before = QFileInfo(path).size();
    QDir().mkpath(QFileInfo(path).path());
    // Renamed into place, so that no reader meets half a file; not synced, because losing it costs
    // nothing but time (the checksum finds what a crash left).
    const QString temporary =
        path + QStringLiteral(".%1.part").arg(QCoreApplication::applicationPid());
    QFile file(temporary);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.flush()) {
        file.remove();
        return;
    }
    file.close();
    std::error_code failed;
    std::filesystem::rename(temporary.toStdString(), path.toStdString(), failed);
    if (failed) {
        file.remove();
        return;
    }
    m_bytes += bytes.size() - before;
    if (m_bytes > m_maxBytes) {
        trim();
    }
}

void MathDiskCache::trim() {
    struct Old {
        QDateTime used;
        QString path;
        qint64 bytes;
    };
    std::vector<Old> all;
    m_bytes = 0;
    QDirIterator files(m_folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        const QFileInfo info = files.fileInfo();
        all.push_back(
            {std::max(info.lastRead(), info.lastModified()), info.filePath(), info.size()});
        m_bytes += info.size();
    }
    std::sort(all.begin(), all.end(), [](const Old& a, const Old& b) { return a.used < b.used; });
    for (const Old& old : all) {
        if (m_bytes <= m_maxBytes / 4 * 3) {
            break;
        }
        if (QFile::remove(old.path)) {
            m_bytes -= old.bytes;
        }
    }
}

} // namespace scrit::ui::render
