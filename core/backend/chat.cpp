// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/chat.h"

namespace scrit::backend {

std::string_view name(FinishReason reason) {
    switch (reason) {
    case FinishReason::Stop:
        return "stop";
    case FinishReason::Length:
        return "length";
    case FinishReason::Filtered:
        return "filtered";
    case FinishReason::Other:
        return "other";
    }
    return "other";
}

} // namespace scrit::backend
