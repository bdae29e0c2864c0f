//! A shop, for the crate that is packed.

fn main() {
    println!("{}", std::env::args().map(|name| name.len()).sum::<usize>());
}
