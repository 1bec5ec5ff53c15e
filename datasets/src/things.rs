//! Things beside the room's furniture, as blocks: what is left, moved, hung up or put in somebody's way.

use crate::rooms::{Block, block, chair, monitor};
use crate::spec::{ThingKind, ThingSpec};
use crate::surface::Material;

/// The blocks of one thing.
pub(crate) fn blocks(thing: &ThingSpec) -> Vec<Block> {
    let ([x, z], y) = (thing.at_m, thing.up_m);
    let mut blocks = Vec::new();
    match thing.kind {
        ThingKind::Bag => bag(&mut blocks, x, y, z),
        ThingKind::Carton => {
            blocks.push(block([x - 0.22, x + 0.22], [y, y + 0.34], [z - 0.17, z + 0.17], Material::Carton));
        }
        ThingKind::Chair => chair(&mut blocks, x, z, -1.0),
        ThingKind::Coat => coat(&mut blocks, x, z),
        ThingKind::Partition => {
            blocks.push(block([x - 0.6, x + 0.6], [0.05, y], [z - 0.02, z + 0.02], Material::Cloth))
        }
        ThingKind::Monitor => {
            monitor(&mut blocks, x, z, Material::Plastic);
            let rise_m = y - 0.75;
            for part in &mut blocks {
                (part.min[1], part.max[1]) = (part.min[1] + rise_m, part.max[1] + rise_m);
            }
        }
    }
    blocks
}

/// A soft bag, narrower at its top, with a handle.
fn bag(blocks: &mut Vec<Block>, x: f32, y: f32, z: f32) {
    blocks.push(block([x - 0.2, x + 0.2], [y, y + 0.2], [z - 0.11, z + 0.11], Material::Bag));
    blocks.push(block([x - 0.17, x + 0.17], [y + 0.2, y + 0.28], [z - 0.08, z + 0.08], Material::Bag));
    blocks.push(block([x - 0.07, x + 0.07], [y + 0.34, y + 0.36], [z - 0.01, z + 0.01], Material::Plastic));
    for side in [-0.07, 0.06] {
        blocks.push(block([x + side, x + side + 0.01], [y + 0.28, y + 0.34], [z - 0.01, z + 0.01], Material::Plastic));
    }
}

/// Shoulders over the back, two sleeves that hang down at its sides.
fn coat(blocks: &mut Vec<Block>, x: f32, z: f32) {
    blocks.push(block([x - 0.24, x + 0.24], [0.45, 0.99], [z - 0.07, z + 0.07], Material::Coat));
    blocks.push(block([x - 0.19, x + 0.19], [0.99, 1.04], [z - 0.06, z + 0.06], Material::Coat));
    for side in [-0.31, 0.24] {
        blocks.push(block([x + side, x + side + 0.07], [0.38, 0.96], [z - 0.05, z + 0.05], Material::Coat));
    }
}
