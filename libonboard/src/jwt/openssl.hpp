#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace onboard::jwt::openssl {

template <auto release>
struct Releaser {
    template <class Handle>
    void operator()(Handle* handle) const noexcept
    {
        release(handle);
    }
};

using Bio = std::unique_ptr<BIO, Releaser<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using CurveSignature = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Releaser<OSSL_PARAM_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<OSSL_PARAM_BLD_free>>;

// Leaves the thread's error queue as it was: what went wrong here is no affair of a TLS connection on the same
// thread.
class QuietErrors {
public:
    QuietErrors() noexcept { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(QuietErrors const&) = delete;
    QuietErrors& operator=(QuietErrors const&) = delete;
};

}
