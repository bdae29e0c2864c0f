#!/usr/bin/env bash
# Builds the files beside it from shop/, with the tools of others, into the folder that is named.
# Run by hand, where a tool has changed what it writes: CI has none of them.
#   apt-get install golang-go mono-mcs mono-runtime libmono-cecil-private-cil default-jdk-headless npm
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
out="$(mkdir -p "$1" && cd "$1" && pwd)"
work=/tmp/artefacts # some tools write it into what they make
mkdir "$work"
trap 'rm -rf "$work"' EXIT

packed() {
  tar --create --directory "$2" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
    --exclude=__pycache__ --exclude=_virtualenv* . | gzip --no-name --best >"$out/$1"
}

export GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z
cp -r "$here/shop" "$work/shop"
cd "$work/shop"
git init --quiet --initial-branch main .
git add .
git -c user.name=Ada -c user.email=ada@example.com commit --quiet --message "Begin"
revision="$(git rev-parse HEAD)"
echo "$revision" >"$out/revision"

# Go's build information, as the section of a program that holds it
for name in clean dirty; do
  [[ $name == dirty ]] && echo "// edited" >>main.go
  CGO_ENABLED=0 go build -trimpath -ldflags=-s -o "$work/$name" .
  objcopy --only-section=.go.buildinfo --strip-all "$work/$name" "$out/go-$name" 2>/dev/null
done
git checkout --quiet main.go

# .NET's Source Link, as Mono.Cecil writes it into portable PDBs
cd "$work"
cecil=/usr/lib/mono/gac/Mono.Cecil/0.11.0.0__0738eb9f132ed756/Mono.Cecil.dll
cp "$cecil" .
mcs -r:Mono.Cecil.dll -out:write.exe "$here/source_link.cs"
mono write.exe "$revision"
cp Shop.pdb Embedded.dll Plain.pdb "$out/"

# what pip installs from the folder, and from git
python3 -m venv --without-pip "$work/venv"
python3 -m venv "$work/pip"
for name in folder git; do
  origin="$work/shop"
  [[ $name == git ]] && origin="git+file://$work/shop@$revision"
  "$work/pip/bin/pip" --quiet --python "$work/venv/bin/python" install --force-reinstall "$origin"
  packed pip-$name.tar.gz "$(echo "$work"/venv/lib/python3*/site-packages)"
done

# bundles with source maps, each as its bundler writes it
npm install --silent --prefix "$work/js" esbuild webpack webpack-cli typescript@5 npm@6
tools="$work/js/node_modules/.bin"
cd "$work/shop/web"
"$tools"/esbuild src/index.ts --bundle --minify --platform=node --sourcemap --outfile="$work/esbuild/dist/index.js"
"$tools"/esbuild src/index.ts --bundle --platform=node --sourcemap=inline --outfile="$work/inline/index.js"
cat >"$work/webpack.config.js" <<END
module.exports = {
  mode: "production", target: "node", devtool: "source-map",
  entry: "./lib/index.js", context: "$work/shop/web", output: { path: "$work/webpack", library: { type: "commonjs2" } },
};
END
"$tools"/webpack --config "$work/webpack.config.js" >/dev/null
"$tools"/tsc src/index.ts --outDir "$work/tsc" --module commonjs --target es2022 --sourceMap --inlineSources
for name in esbuild inline webpack tsc; do packed $name.tar.gz "$work/$name"; done

# a package as npm packs it, and as npm 6 installs it
npm pack --silent --pack-destination "$work"
cp "$work/acme-web-1.2.0.tgz" "$out/npm.tgz"
mkdir "$work/installed"
"$tools"/npm install --silent --prefix "$work/installed" "$work/acme-web-1.2.0.tgz"
packed npm-installed.tar.gz "$work/installed"

# a jar
cd "$work/shop/java"
javac -d "$work/classes" src/shop/Shop.java
jar --create --file "$out/shop.jar" --main-class shop.Shop --date 2026-01-01T00:00:00Z \
  -C "$work/classes" . -C resources .

# a crate, and what rustc leaves in a program: the revision of the compiler, not of what it compiled
cd "$work/shop/rust"
cargo package --quiet --offline --no-verify --allow-dirty --target-dir "$work/rust"
cp "$work/rust/package/shop-1.2.0.crate" "$out/"
rustc --edition 2021 -C strip=debuginfo -o "$work/rust-shop" src/main.rs
objcopy --only-section=.comment "$work/rust-shop" "$out/rust-shop" 2>/dev/null
