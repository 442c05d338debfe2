#include "kept_mapping.hpp"

namespace onboard::sqlite {

void KeptMapping::keep(sqlite3* connection)
{
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file->pMethods ||
        file->pMethods->iVersion < 3)
        return;
    static_cast<sqlite3_io_methods&>(methods_) = *file->pMethods;
    methods_.original = file->pMethods;
    methods_.xUnfetch = unfetch;
    file->pMethods = &methods_;
}

// Without a page it is the whole mapping that has to go.
int KeptMapping::unfetch(sqlite3_file* file, sqlite3_int64 offset, void* page)
{
    auto const* const methods = static_cast<Methods const*>(file->pMethods);
    if (!page) {
        sqlite3_int64 size = 0;
        auto const known = file->pMethods->xFileSize(file, &size) == SQLITE_OK;
        if (known && size == methods->size)
            return SQLITE_OK;
        methods->size = size;
    }
    return methods->original->xUnfetch(file, offset, page);
}

}
