# make                 build target/release/hyenadna, and hyenadna-core beside it
# make test            everything that CI checks (./test also installs what is missing)
# make sanitize        run unsafe code under AddressSanitizer, UndefinedBehaviorSanitizer and Miri
# make generated       write man/ and completions/ anew
# make demo            build, then run scripts/demo on DATA (./demo also installs what is missing)
# make install         install what `make` built under PREFIX (and DESTDIR)
# make uninstall       remove what `make install` installed
# make dist            in dist/: a tarball that runs from any folder, a wheel, the source, checksums
# make clean           remove what was built; `make distclean` also what was fetched
#
# CUDA=1 also fetches what NVIDIA GPUs need (2 GB), to be built, installed or shipped with.
# LIBTORCH=DIR or LIBTORCH_USE_PYTORCH=1 (see docs/install.md) builds with a libtorch of your own:
# hyenadna then refers to it where it is, and no copy of it is installed.

PREFIX  ?= /usr/local
DESTDIR ?=
DATA    ?= test-data/demo
CARGO   ?= cargo
INSTALL ?= install
TARGET  := $(or $(CARGO_TARGET_DIR),target)
BINARY  := $(TARGET)/release/hyenadna
CORE    := $(TARGET)/release/hyenadna-core
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

OWN_LIBTORCH := $(LIBTORCH)$(LIBTORCH_USE_PYTORCH)
FETCHED      := .libtorch/lib
CUDA_FETCHED  = $(wildcard $(FETCHED)/cuda)

bindir  = $(DESTDIR)$(PREFIX)/bin
libdir  = $(DESTDIR)$(PREFIX)/lib/hyenadna
docdir  = $(DESTDIR)$(PREFIX)/share/doc/hyenadna
mandir  = $(DESTDIR)$(PREFIX)/share/man/man1
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir  = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

.PHONY: build libtorch test sanitize generated demo install uninstall dist clean distclean

build: libtorch
ifeq ($(OWN_LIBTORCH),)
	HYENADNA_RELOCATABLE=1 $(CARGO) build --release --locked
	mkdir -p $(TARGET)/lib
	ln -sfn "$(abspath $(FETCHED))" $(TARGET)/lib/hyenadna
else
	$(CARGO) build --release --locked
endif

libtorch:
	scripts/get-libtorch $(if $(CUDA),--cuda)

test: libtorch
	scripts/get-libtorch --clang-format
	$(CARGO) fmt --check
	$(or $(CLANG_FORMAT),.libtorch/clang-format/clang-format) --dry-run -Werror shim/*.cpp shim/*.h shim/gloo/gloo/*.h shim/gloo/gloo/*/*.h
	$(CARGO) clippy --locked --all-targets -- -D warnings
	scripts/deny
	$(CARGO) test --locked
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps

sanitize: libtorch
	scripts/sanitize
	scripts/miri

# The manual pages and completions in the repository, as the program writes them.
generated: libtorch
	$(CARGO) run --locked -- man man
	$(CARGO) run --locked -- completions bash > completions/hyenadna.bash
	$(CARGO) run --locked -- completions zsh > completions/_hyenadna
	$(CARGO) run --locked -- completions fish > completions/hyenadna.fish

demo: build
	PATH="$(abspath $(TARGET))/release:$$PATH" scripts/demo "$(DATA)"

# Builds only if nothing was built, so that `sudo make install` needs no cargo.
install: | $(CORE)
	$(INSTALL) -d $(bindir) $(mandir) $(bashdir) $(zshdir) $(fishdir) $(docdir)/docs
	$(INSTALL) -m 755 $(BINARY) $(bindir)/hyenadna
	$(INSTALL) -m 644 man/*.1 $(mandir)
	$(INSTALL) -m 644 completions/hyenadna.bash $(bashdir)/hyenadna
	$(INSTALL) -m 644 completions/_hyenadna $(zshdir)/_hyenadna
	$(INSTALL) -m 644 completions/hyenadna.fish $(fishdir)/hyenadna.fish
	$(INSTALL) -m 644 README.md LICENSE LICENSE-MIT LICENSE-APACHE LICENSE-UBUNTU-FONT $(docdir)
	$(INSTALL) -m 644 docs/*.md $(docdir)/docs
	rm -rf $(libdir)
	$(INSTALL) -d $(libdir)
	$(INSTALL) -m 755 $(CORE) $(libdir)/hyenadna-core
ifeq ($(OWN_LIBTORCH),)
	$(if $(CUDA_FETCHED),$(INSTALL) -d $(libdir)/cuda)
	$(INSTALL) -m 644 $(FETCHED)/lib*.so* $(libdir)
	rm $(libdir)/libtorch.so
	$(if $(CUDA_FETCHED),$(INSTALL) -m 644 $(CUDA_FETCHED)/lib*.so* $(libdir)/cuda)
	cp -R .libtorch/licenses $(docdir)/
endif

$(CORE):
	$(MAKE) build

uninstall:
	rm -f $(bindir)/hyenadna $(mandir)/hyenadna.1 $(mandir)/hyenadna-*.1
	rm -f $(bashdir)/hyenadna $(zshdir)/_hyenadna $(fishdir)/hyenadna.fish
	rm -rf $(libdir) $(docdir)

# The same inputs give the same bytes: names in order, one owner, one time, the modes of no umask.
SOURCE_DATE_EPOCH ?= $(if $(wildcard .git),$(shell git log -1 --format=%ct),$(shell stat -c %Y Cargo.lock))
SOURCE = hyenadna-$(VERSION)
NAME   = $(SOURCE)-linux-x86_64$(if $(CUDA_FETCHED),-cuda)
TAR    = tar --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime=@$(SOURCE_DATE_EPOCH)
EPOCH  = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) # not for cargo, which would build all C code again
doc    = dist/$(NAME)/share/doc/hyenadna

dist: build
	$(if $(OWN_LIBTORCH),$(error 'make dist' ships the fetched libtorch: unset LIBTORCH and LIBTORCH_USE_PYTORCH))
	rm -rf dist/$(NAME) dist/$(NAME).* dist/$(SOURCE)-*.whl dist/$(SOURCE).tar.gz dist/SHA256SUMS
	$(MAKE) install PREFIX= DESTDIR="dist/$(NAME)"
	scripts/licenses > $(doc)/licenses/crates.txt
	$(EPOCH) scripts/sbom --libtorch $(if $(CUDA_FETCHED),--cuda) > dist/$(NAME).cdx.json
	$(EPOCH) scripts/wheel dist/$(NAME) dist
	$(TAR) -C dist -cf dist/$(NAME).tar $(NAME)
	gzip -n dist/$(NAME).tar
	rm -rf dist/$(NAME)
	$(if $(wildcard .git),git archive --prefix=$(SOURCE)/ -o dist/$(SOURCE).tar.gz HEAD)
	cd dist && LC_ALL=C sha256sum $(SOURCE)* > SHA256SUMS
	@cat dist/SHA256SUMS

clean:
	$(CARGO) clean
	rm -rf dist/$(NAME) dist/$(NAME).* dist/$(SOURCE)-*.whl dist/$(SOURCE).tar.gz dist/SHA256SUMS

distclean: clean
	rm -rf .libtorch
